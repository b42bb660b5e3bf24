// The first page: what is overdue, due and later, by zone, and what lies on this phone.
import { element, name } from "./element.js";
import { actionsPart } from "./actions.js";
import { begin } from "./begin.js";
import { decisionsPart } from "./decisions.js";
import { progress } from "./judge.js";
import { pairingPart } from "./pairing.js";
import { answeredBy, isPresent, nameOf } from "./present.js";
import { pressed } from "./press.js";
import { scanPart } from "./scan.js";
import { secondPart } from "./second.js";
import { corrected } from "./clock.js";
import { wipedPart } from "./wiped.js";
import { zonesPart } from "./zones.js";
import { LANGUAGES, dateTime, duration, gettext, named, speak, tag } from "./texts.js";

const SOON_MS = 12 * 3600_000;
const SECTIONS = [
  ["overdue", () => gettext("Overdue")],
  ["due", () => gettext("Due")],
  ["later", () => gettext("Later")],
];

// `zone`: only what is there, after its label was scanned.
export async function homePage(app, zone = "") {
  const [all, forms] = await Promise.all([app.store.lists(), app.store.forms()]);
  const now = corrected(Date.now(), await app.store.meta("clock"));
  const lists = all.filter((list) => isPresent(app.mine, nameOf(list)) && (!zone || list.zone.id === zone));
  const drafts = forms.filter((form) => form.state === "draft" && form.kind === "form");
  const byName = new Map(all.map((list) => [nameOf(list), list]));
  return {
    title: zone && lists.length ? named(lists[0].zone.name) : gettext("My checklists"),
    back: zone ? "#/" : "",
    aside: element("span", { class: "who" }, name(app.mine?.person || app.mine?.account || "")),
    body: [
      await wipedPart(app),
      draftsPart(drafts, byName),
      ...SECTIONS.map(([section, title]) => sectionPart(app, title(), lists.filter((list) => sectionOf(list, now) === section), section, now)),
      app.mine ? secondPart(app, lists, forms) : null,
      zone ? null : decisionsPart(app, forms),
      actionsPart(app, forms),
      zone ? null : zonesPart(app),
      lists.length ? null : element("p", { class: "empty" }, emptyText(app, zone)),
      zone ? null : settings(app, await pairingPart(app), await keepingPart()),
    ],
    foot: [scanPart(({ zone: there }) => app.go(`#/zone/${encodeURIComponent(there)}`))],
  };
}

function emptyText(app, zone) {
  if (zone && app.mine) {
    return gettext("You have no checklist for this zone.");
  }
  if (app.network.state === "unknown") {
    return gettext("Looking for your checklists …");
  }
  return app.mine ? gettext("No checklist is assigned to you.") : gettext("Sign in once with a network: then your checklists are kept on this phone.");
}

function sectionOf(list, now) {
  const left = list.due_at ? Date.parse(list.due_at) - now : Infinity;
  return left < 0 ? "overdue" : left < SOON_MS ? "due" : "later";
}

const order = (a, b) => (a.due_at ?? "9").localeCompare(b.due_at ?? "9") || named(a.zone.name).localeCompare(named(b.zone.name), tag());

function sectionPart(app, title, lists, section, now) {
  if (!lists.length) {
    return null;
  }
  const zones = Map.groupBy ? Map.groupBy(lists.sort(order), (list) => list.zone.id) : grouped(lists.sort(order));
  return element(
    "section",
    { class: `section ${section}` },
    element("h2", {}, title, " ", element("span", { class: "n" }, String(lists.length))),
    [...zones.values()].map((group) => [
      element("h3", {}, name(named(group[0].zone.name))),
      element("ul", { class: "cards" }, group.map((list) => element("li", {}, card(app, list, now)))),
    ]),
  );
}

function grouped(lists) {
  const found = new Map();
  lists.forEach((list) => found.set(list.zone.id, [...(found.get(list.zone.id) ?? []), list]));
  return found;
}

function card(app, list, now) {
  const left = list.due_at ? Date.parse(list.due_at) - now : null;
  const when = left === null ? "" : left < 0 ? gettext("{time} late", { time: duration(-left) }) : gettext("in {time}", { time: duration(left) });
  return element(
    "button",
    { type: "button", class: "card", onclick: pressed(app, () => begin(app, list)) },
    element("span", { class: "name" }, name(named(list.name))),
    when && element("span", { class: "when" }, when),
  );
}

function draftsPart(drafts, lists) {
  if (!drafts.length) {
    return null;
  }
  const row = (form) => {
    const list = lists.get(answeredBy(form));
    const { done, of } = progress(list, form.answers);
    return element(
      "li",
      {},
      element(
        "a",
        { class: "card", href: `#/form/${form.key}` },
        element("span", { class: "name" }, name(named(list.name)), element("small", {}, name(named(list.zone.name)))),
        element("span", { class: "when" }, gettext("{done} of {of}, draft", { done, of }), element("small", {}, name(dateTime(form.changed_at)))),
      ),
    );
  };
  return element("section", { class: "section" }, element("h2", {}, gettext("Begun on this phone")), element("ul", { class: "cards" }, drafts.map(row)));
}

// Whether the browser promises not to forget; a private window never does.
async function keepingPart() {
  const isKept = await navigator.storage?.persisted?.();
  return isKept === false ? element("p", { id: "kept", class: "dim" }, gettext("This browser may forget what is on this phone: put this page on your home screen, and use no private window.")) : null;
}

function settings(app, pairing, keeping) {
  const languages = Object.entries(LANGUAGES).map(([key, own]) =>
    element("button", { type: "button", lang: key, "aria-pressed": String(key === tag()), onclick: () => choose(app, key) }, own),
  );
  const isDark = document.documentElement.dataset.theme === "dark";
  return element(
    "section",
    { class: "settings", "aria-label": gettext("Settings") },
    element("div", { class: "choices", role: "group", "aria-label": gettext("Language") }, languages),
    element("button", { type: "button", "aria-pressed": String(isDark), onclick: () => turn(app, isDark ? "light" : "dark") }, gettext("Dark")),
    pairing,
    element("p", { id: "offline", class: "dim" }, app.offline?.() ?? ""),
    keeping,
  );
}

async function choose(app, key) {
  await app.store.setMeta("language", key);
  await speak(key);
  document.getElementById("state").dataset.text = "";
  await app.refresh({ isNew: false });
}

async function turn(app, theme) {
  await app.store.setMeta("theme", theme);
  document.documentElement.dataset.theme = theme;
  await app.refresh({ isNew: false });
}
