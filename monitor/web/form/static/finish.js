// Finishes a form: signs it if need be, freezes it, and lets it be sent.
import { verifyWith } from "./actions.js";
import { timing } from "./device.js";
import { element } from "./element.js";
import { bodyOf, textDigest } from "./freeze.js";
import { incomplete } from "./judge.js";
import { whenTaken } from "./photos.js";
import { answeredBy } from "./present.js";
import { pressed } from "./press.js";
import { finish } from "./queue.js";
import { fetchKey, hasKey, needsSignature, signed, SignatureFailed } from "./sign.js";
import { gettext, ngettext } from "./texts.js";

const FAILED = {
  "wrong-pin": () => gettext("The PIN is wrong."),
  locked: () => gettext("The PIN was wrong five times. Wait a minute."),
  "no-key": () => gettext("This phone can't sign yet: it needs a network once, for your PIN."),
  refused: () => gettext("The monitor gives no key for signing: set a PIN under “My account”."),
};

export function finishPart(app, form, list) {
  const left = incomplete(list, form.answers);
  if (left.length) {
    return element(
      "div",
      { class: "steps" },
      element("p", { id: "left" }, ngettext("{n} item is not complete.", "{n} items are not complete.", left.length)),
      element("a", { class: "button main", href: `#/form/${form.key}/item/${encodeURIComponent(left[0].id)}` }, gettext("Go on")),
    );
  }
  return needsSignature(list) ? signPart(app, form) : element("button", { type: "button", id: "finish", class: "main wide", onclick: pressed(app, () => finishForm(app, form.key, "")) }, gettext("Finish and send"));
}

function signPart(app, form) {
  const pin = element("input", { type: "password", id: "pin", inputMode: "numeric", autocomplete: "off", required: true, minLength: 6, maxLength: 12, dir: "ltr" });
  const wrong = element("p", { class: "bad", role: "alert" });
  const sign = pressed(app, async () => {
    try {
      await finishForm(app, form.key, pin.value);
    } catch (error) {
      if (!(error instanceof SignatureFailed)) {
        throw error;
      }
      wrong.textContent = FAILED[error.reason]();
      pin.value = "";
      pin.focus();
    }
  });
  return element("form", { class: "sign", onsubmit: sign }, element("label", { class: "field" }, gettext("Your PIN, as your signature"), pin), wrong, element("button", { id: "finish", class: "main wide" }, gettext("Sign and send")));
}

// Frozen in one write: after a crash it is a draft or it waits to be sent, and never both.
async function finishForm(app, key, pin) {
  await whenTaken();
  const form = await app.store.form(key);
  const list = await app.store.list(answeredBy(form));
  const { now, timeOf, device } = await timing(app.store);
  let body = bodyOf(form, list, { device, timeOf, now });
  if (pin) {
    if (!(await hasKey(app.store, form.account, now)) && app.network.state === "online") {
      await fetchKey(app.store, form.account, pin);
    }
    body = await signed(app.store, form.account, pin, body, await textDigest(body), now);
  }
  const at = timeOf(now);
  const digest = await textDigest(body);
  await app.store.change(key, (row) => (row.state === "draft" ? finish(row, { body, digest, at, finished_at: at }) : null));
  await verifyWith(app, form, list);
  const settled = app.settle();
  await app.refresh();
  await settled;
}
