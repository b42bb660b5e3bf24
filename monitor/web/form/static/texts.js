// The texts of the form in the reader's language; the English text is the key.
const ORDER = ["zero", "one", "two", "few", "many", "other"]; // that of the plural forms in the catalogues
let current = { tag: "en", texts: {}, plurals: [], timezone: undefined };

export const LANGUAGES = { en: "English", vi: "Tiếng Việt", ar: "العربية" };

let asked = 0; // how often a language was asked for: of two, the later one counts

export async function speak(tag) {
  const turn = ++asked;
  const known = tag in LANGUAGES ? tag : "en";
  const rules = new Intl.PluralRules(known);
  const { pluralCategories } = rules.resolvedOptions();
  const plurals = ORDER.filter((each) => pluralCategories.includes(each));
  const texts = known === "en" ? {} : (await (await fetch(new URL(`texts.${known}.json`, import.meta.url))).json());
  if (turn !== asked) {
    return;
  }
  current = { ...current, tag: known, texts, plurals, rules };
  document.documentElement.lang = known;
  document.documentElement.dir = known === "ar" ? "rtl" : "ltr";
}

export const timeZone = (zone) => (current.timezone = zone || undefined);

export const tag = () => current.tag;

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export const gettext = (text, values = {}) => filled(current.texts[text] ?? text, values);

export function ngettext(one, many, n, values = {}) {
  const forms = current.texts[one] ?? [one, many];
  const form = current.rules ? current.plurals.indexOf(current.rules.select(n)) : Number(n !== 1);
  return filled(Array.isArray(forms) ? (forms[form] ?? forms.at(-1)) : forms, { n, ...values });
}

// A name that was given in several languages: the reader's, else English, else whichever there is.
export const named = (names) => (typeof names === "string" ? names : (names?.[current.tag] ?? names?.en ?? Object.values(names ?? {})[0] ?? ""));

const locale = () => `${current.tag === "en" ? "en-GB" : current.tag}-u-nu-latn-ca-gregory`;

export const time = (at) =>
  new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: current.timezone }).format(new Date(at));

export const dateTime = (at) =>
  new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: current.timezone }).format(new Date(at));

export const number = (value) => new Intl.NumberFormat(locale(), { maximumFractionDigits: 3 }).format(value);

// A length of time by its two greatest units.
export function duration(milliseconds) {
  const minutes = Math.max(0, Math.round(milliseconds / 60_000));
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const unit = (n, name) => new Intl.NumberFormat(locale(), { style: "unit", unit: name, unitDisplay: "short" }).format(n);
  const parts = days ? [[days, "day"], [hours, "hour"]] : [[hours, "hour"], [rest, "minute"]];
  const shown = parts.filter(([n]) => n).map(([n, name]) => unit(n, name));
  return shown.length ? shown.join(" ") : unit(0, "minute");
}
