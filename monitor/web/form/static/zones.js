// Zones that this person may sign off: only with the network, because a signature is over what is seen at that moment.
import { isNetworkGone, request } from "./contact.js";
import { element, name } from "./element.js";
import { trouble } from "./frame.js";
import { pressed } from "./press.js";
import { STATES } from "./results.js";
import { read } from "./verdict.js";
import { gettext } from "./texts.js";

const SETTLED_MS = 4000; // by then the monitor's list shows a signature
const reported = new Map(); // zones that were signed or withdrawn from this page, and when

const isReported = (zone, app) => (reported.get(zone.id) ?? 0) > app.mine.at - SETTLED_MS;

const stateOf = (zone) => element("strong", { "data-state": zone.state }, STATES[zone.state]?.() ?? zone.state);

const words = (zone) => (zone.sign_off === "valid" ? gettext("signed off by {name}", { name: zone.signed_by }) : zone.sign_off === "possible" ? gettext("to be signed off") : gettext("something has to be settled first"));

export function zonesPart(app) {
  const zones = app.mine?.zones ?? [];
  if (!zones.length) {
    return null;
  }
  const row = (zone) =>
    element("li", {}, element("a", { class: "card", href: `#/sign/${encodeURIComponent(zone.id)}` }, element("span", { class: "name" }, name(zone.name), element("small", {}, isReported(zone, app) ? gettext("reported just now") : words(zone))), element("span", { class: "when" }, stateOf(zone))));
  return element("details", { class: "section", open: zones.some((zone) => zone.sign_off === "possible") }, element("summary", {}, gettext("Sign-off of zones"), " ", element("span", { class: "n" }, String(zones.length))), element("ul", { class: "cards" }, zones.map(row)));
}

export async function signPage(app, id) {
  const zone = app.mine?.zones?.find((each) => each.id === id);
  if (!zone) {
    return { instead: "#/" };
  }
  const note = element("textarea", { id: "note", rows: 2, dir: "auto", maxLength: 2000 });
  const pin = element("input", { type: "password", id: "pin", inputMode: "numeric", autocomplete: "off", maxLength: 12, dir: "ltr" });
  const asked = element("label", { class: "field", hidden: true }, gettext("Your PIN"), pin);
  const isSigned = zone.sign_off === "valid";
  const act = pressed(app, async () => {
    trouble("");
    const refused = await send(zone, isSigned ? "withdraw" : "sign", note.value.trim(), pin.value);
    if (refused === null) {
      reported.set(zone.id, Date.now());
      setTimeout(app.settle, SETTLED_MS);
      return "#/";
    }
    asked.hidden &&= !`${refused.type}`.endsWith("wrong-pin");
    trouble(refused.detail || refused.title || gettext("That needs the network."));
    app.synchronise(); // not awaited: what is pressed meanwhile counts
    return undefined;
  });
  return {
    title: zone.name,
    back: "#/",
    body: [
      element("p", {}, stateOf(zone), " · ", words(zone)),
      zone.obstacle ? element("p", { class: "notice" }, name(zone.obstacle)) : null,
      element("label", { class: "field" }, isSigned ? gettext("Why the sign-off is withdrawn") : gettext("Note"), note),
      asked,
    ],
    foot: [
      isSigned
        ? element("button", { type: "button", class: "wide", id: "withdraw", onclick: act }, gettext("Withdraw the sign-off"))
        : element("button", { type: "button", class: "main wide", id: "sign", disabled: zone.sign_off !== "possible", onclick: act }, gettext("Sign off")),
    ],
  };
}

// Returns null if it was done, else why not.
async function send(zone, act, note, pin) {
  try {
    const body = JSON.stringify({ seen: zone.seen, note, pin });
    const response = await request(`/api/v1/zones/${encodeURIComponent(zone.id)}/${act}`, { method: "POST", headers: { "content-type": "application/json" }, body });
    const found = await read(response);
    return response.ok && found ? null : (found ?? {});
  } catch (error) {
    if (isNetworkGone(error)) {
      return {};
    }
    throw error;
  }
}
