// A critical item that failed is sent at once, by itself: a locked exit does not wait for the end of the form.
import { corrected, device } from "./clock.js";
import { itemBody, textDigest } from "./freeze.js";
import { newKey } from "./key.js";
import { gettext } from "./texts.js";
import { announce } from "./frame.js";

const GRAVE = new Set(["critical", "impairment"]);

export async function timing(store) {
  const [sample, id] = [await store.meta("clock"), await deviceId(store)];
  const now = Date.now();
  return { now, timeOf: (at) => new Date(corrected(at, sample)).toISOString(), device: device(id, sample, now, performance.now()) };
}

async function deviceId(store) {
  const known = await store.meta("device");
  if (known) {
    return known;
  }
  const id = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  await store.setMeta("device", id);
  return id;
}

export async function sendItem(app, list, item) {
  const { form } = app.draft;
  const answer = form.answers[item.id];
  if (!GRAVE.has(item.criticality) || answer?.result !== "fail") {
    return;
  }
  const own = `${form.key}:${item.id}`;
  const content = JSON.stringify([answer.result, answer.value, answer.note]);
  if ((await app.store.meta(`item ${own}`)) === content) {
    return;
  }
  const time = await timing(app.store);
  const body = itemBody(form, item, time);
  const key = newKey();
  await app.store.keep({
    key,
    kind: "item",
    state: "queued",
    account: form.account,
    person: form.person,
    list: form.list,
    list_digest: form.list_digest,
    item: item.id,
    inspection: form.inspection,
    revision: form.revision,
    started_at: form.started_at,
    answers: {},
    actions: {},
    body,
    at: time.timeOf(time.now),
    digest: await textDigest(body),
    tries: 0,
    next_at: 0,
    waits_for: "network",
  });
  await app.store.setMeta(`item ${own}`, content);
  announce(gettext("The failed item is sent at once."));
  app.synchronise();
}
