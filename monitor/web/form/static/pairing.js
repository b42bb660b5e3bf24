// Lets this phone send forms for its owner for some weeks, so that a day offline does not end with a password.
import { isNetworkGone, request } from "./contact.js";
import { element } from "./element.js";
import { trouble } from "./frame.js";
import { pressed } from "./press.js";
import { read } from "./verdict.js";
import { dateTime, gettext } from "./texts.js";

const ADDRESS = "/api/v1/phone";

export async function pairingPart(app) {
  const paired = await app.store.meta("paired");
  const isOwn = paired && paired.account === app.mine?.account && Date.parse(paired.ends_at) > Date.now();
  if (!app.mine) {
    return null;
  }
  return isOwn
    ? element("p", {}, gettext("This phone may send forms for you until {time}.", { time: dateTime(paired.ends_at) }), " ", element("button", { type: "button", onclick: pressed(app, () => change(app, "DELETE")) }, gettext("End that")))
    : element("button", { type: "button", id: "pair", onclick: pressed(app, () => change(app, "POST")) }, gettext("This is my phone: keep me signed in for forms"));
}

async function change(app, method) {
  trouble("");
  const body = await ask(method);
  if (!body || body.detail) {
    trouble(body?.detail ?? gettext("That needs the network."));
    return;
  }
  await app.store.setMeta("paired", method === "POST" ? body : null);
  await app.refresh({ isNew: false });
}

// Returns null where the network is gone.
async function ask(method) {
  try {
    const response = await request(ADDRESS, { method, headers: { "content-type": "application/json" } });
    return response.status === 204 ? {} : await read(response);
  } catch (error) {
    if (isNetworkGone(error)) {
      return null;
    }
    throw error;
  }
}
