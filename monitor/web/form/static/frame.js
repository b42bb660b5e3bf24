// What surrounds each page of the form: its title, how the network stands, and what went wrong.
import { element } from "./element.js";
import { gettext, ngettext } from "./texts.js";

const $ = (id) => document.getElementById(id);

let written = null; // where somebody has begun to write
let [hand, lift] = [null, null]; // what is pressed at this moment

addEventListener("input", (event) => (written = event.target), true);
addEventListener("pointerdown", () => (hand ??= new Promise((resolve) => (lift = resolve))), true);
["pointerup", "pointercancel"].forEach((name) => addEventListener(name, () => setTimeout(lifted), true));

function lifted() {
  lift?.();
  [hand, lift] = [null, null];
}

// Whether a page made anew would take away what is being written, or the camera that somebody holds before a label.
export const isInUse = () => Boolean(written?.isConnected || document.querySelector(".scan form"));

// What is pressed is not taken away from below the finger.
export const released = () => hand;

// Put a page in: {title, back, body, foot}. The heading takes the focus, so that a screen reader begins there; the same
// page made anew (not `isNew`) leaves everybody where they are.
export function show(page, isNew) {
  const place = isNew ? null : placeNow();
  put(page);
  if (isNew) {
    scrollTo(0, 0);
    $("title").focus({ preventScroll: true });
  } else {
    goBackTo(place);
  }
}

const PARTS = ["head", "main", "foot"];
const FOCUSABLE = "a, button, input, select, textarea, summary, [tabindex]";
const within = (what) => PARTS.flatMap((part) => [...$(part).querySelectorAll(what)]);

const placeNow = () => ({ focused: within(FOCUSABLE).indexOf(document.activeElement), of: within(FOCUSABLE).length, open: within("details").map((each) => each.open) });

function goBackTo({ focused, of, open }) {
  const [places, details] = [within(FOCUSABLE), within("details")];
  if (details.length === open.length) {
    details.forEach((each, n) => (each.open = open[n]));
  }
  if (focused >= 0) {
    (places.length === of ? places[focused] : $("title")).focus({ preventScroll: true });
  }
}

function put(page) {
  document.title = page.title;
  const heading = element("h1", { id: "title", tabIndex: -1 }, page.heading ?? page.title);
  const back = page.back ? element("a", { class: "back", href: page.back, "aria-label": gettext("Back") }, element("span", { class: "arrow", "aria-hidden": "true" }, "‹")) : null;
  $("head").replaceChildren(...[back, heading, page.aside].filter(Boolean));
  $("main").replaceChildren(...page.body.filter(Boolean));
  const foot = (page.foot ?? []).filter(Boolean);
  $("foot").replaceChildren(...foot);
  $("foot").hidden = !foot.length;
}

const WORDS = {
  offline: () => gettext("Offline."),
  portal: () => gettext("This network asks for something before it lets you through: open any web page."),
  "sign-in": () => gettext("You are not signed in."),
};

// How it stands with the network and with what waits; said once, and again only when it changes.
export async function frame(app) {
  const forms = await app.store.forms();
  const waiting = forms.filter((form) => ["queued", "sending"].includes(form.state)).length;
  const refused = forms.filter((form) => form.state === "refused").length;
  const parts = [
    WORDS[app.network.state]?.(),
    waiting ? ngettext("{n} form waits to be sent.", "{n} forms wait to be sent.", waiting) : "",
    refused ? ngettext("{n} form was refused.", "{n} forms were refused.", refused) : "",
  ].filter(Boolean);
  const bar = $("state");
  const text = parts.join(" ");
  if (bar.dataset.text !== text) {
    bar.dataset.text = text;
    const signIn = app.network.state === "sign-in" ? element("a", { href: "/login?next=/m/" }, gettext("Sign in")) : null;
    const outbox = waiting || refused ? element("a", { href: "#/outbox" }, gettext("Show")) : null;
    bar.replaceChildren(...[element("span", {}, text), signIn, outbox].filter(Boolean));
    bar.hidden = !text;
  }
  bar.classList.toggle("refused", refused > 0);
}

export function trouble(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = !text;
}

export function announce(text) {
  $("announce").textContent = text;
}
