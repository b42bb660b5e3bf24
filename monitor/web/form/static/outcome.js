// What became of a finished form, in words.
import { element, ltr, name } from "./element.js";
import { gettext, time } from "./texts.js";

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

export function outcome(form, list) {
  if (form.state === "draft") {
    return null;
  }
  return element("section", { id: "outcome", class: `outcome ${form.state}`, role: "status" }, element("h2", {}, words(form)), receipt(form, list), refusal(form));
}

const STATES = {
  go: () => gettext("GO"),
  go_with_conditions: () => gettext("GO WITH CONDITIONS"),
  no_go: () => gettext("NO GO"),
  unknown: () => gettext("UNKNOWN"),
};

function receipt(form) {
  if (form.state !== "accepted") {
    return null;
  }
  const { seq, received_at, zone } = form.receipt;
  return element(
    "div",
    {},
    element("p", {}, gettext("At {time}, no. {seq}", { time: time(received_at), seq })),
    zone && element("p", { class: `zone ${zone.state}` }, name(zone.name), ": ", element("strong", {}, STATES[zone.state]?.() ?? zone.state)),
    zone?.reasons?.length ? element("ul", {}, zone.reasons.map((reason) => element("li", {}, name(typeof reason === "string" ? reason : reason.text)))) : null,
  );
}

export function refusal(form) {
  if (form.state !== "refused") {
    return null;
  }
  const { status, title, detail } = form.refusal;
  return element("p", {}, name(detail || title), " ", element("small", {}, ltr(`HTTP ${status}`)));
}
