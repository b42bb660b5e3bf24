// What became of a finished form, in words.
import { element, ltr, name } from "./element.js";
import { STATES } from "./results.js";
import { gettext, named, time } from "./texts.js";

const WAITS = {
  network: () => gettext("Waits for a network."),
  "sign-in": () => gettext("Waits for you to sign in."),
  server: () => gettext("The monitor could not take it just now. It is sent again."),
  portal: () => gettext("This network asks for something before it lets you through: open any web page."),
  "other-receipt": () => gettext("The answer belonged to another form. It is sent again; tell your supervisor if this stays."),
};

export const words = (form) => {
  switch (form.state) {
    case "queued":
      return WAITS[form.waits_for]?.() ?? WAITS.network();
    case "sending":
      return gettext("Is being sent …");
    case "refused":
      return gettext("Refused.");
    case "accepted":
      return gettext("Received.");
    case "binned":
      return gettext("In the bin.");
    default:
      return gettext("Draft.");
  }
};

// `list` is the one that was answered, `now` the same checklist as the server has it at present.
export function outcome(form, list, now, photos) {
  if (form.state === "draft") {
    return null;
  }
  return element("section", { id: "outcome", class: `outcome ${form.state}`, role: "status" }, element("h2", {}, words(form)), receipt(form, now), photosPart(form, photos), refusal(form));
}

// The monitor waits a moment for what else was found at that time before it judges the zone.
const SETTLED_MS = 3000;

export const isJudged = (form, now) => Boolean(now && now.seen_at - form.accepted_at >= SETTLED_MS);

// Look again when the zone has been judged.
let timer = 0;

export function lookAgain(app, form, now) {
  clearTimeout(timer);
  if (form.state === "accepted" && now && !isJudged(form, now)) {
    timer = setTimeout(app.settle, SETTLED_MS + 200);
  }
}

function receipt(form, now) {
  if (form.state !== "accepted") {
    return null;
  }
  const { seq, received_at } = form.receipt;
  return element(
    "div",
    {},
    element("p", {}, gettext("At {time}, no. {seq}", { time: time(received_at), seq })),
    isJudged(form, now) ? element("p", { class: "zone" }, name(named(now.zone.name)), ": ", element("strong", { "data-state": now.zone.state }, STATES[now.zone.state]?.() ?? now.zone.state)) : element("p", { class: "dim" }, gettext("The zone is being assessed …")),
  );
}

// How many of the form's photos have arrived, and which were refused.
function photosPart(form, photos) {
  if (form.state !== "accepted" || !photos.length) {
    return null;
  }
  const sent = photos.filter((photo) => photo.sent).length;
  const refused = photos.filter((photo) => photo.refusal).map((photo) => element("p", { class: "bad" }, name(photo.refusal)));
  return element("div", { id: "photos" }, element("p", {}, gettext("Photos: {n} of {all} received.", { n: sent, all: photos.length })), refused);
}

export function refusal(form) {
  if (form.state !== "refused") {
    return null;
  }
  const { status, title, detail } = form.refusal;
  return element("p", {}, name(detail || title), " ", element("small", {}, ltr(`HTTP ${status}`)));
}
