// A critical item that failed is sent at once, by itself: a locked exit does not wait for the end of the form.
import { itemBody } from "./freeze.js";
import { announce } from "./frame.js";
import { enqueue } from "./queued.js";
import { gettext } from "./texts.js";

const GRAVE = new Set(["critical", "impairment"]);

export async function sendItem(app, form, item) {
  const answer = form.answers[item.id];
  if (!GRAVE.has(item.criticality) || answer?.result !== "fail") {
    return;
  }
  const name = `item ${form.key} ${item.id}`;
  const content = JSON.stringify([answer.result, answer.value, answer.note, answer.photos]);
  if ((await app.store.meta(name)) === content) {
    return;
  }
  const { account, person, list, list_digest, inspection } = form;
  const about = { kind: "item", item: item.id, list, list_digest, inspection };
  await enqueue(app.store, { account, person }, about, (time) => itemBody(form, item, time));
  await app.store.setMeta(name, content);
  announce(gettext("The failed item is sent at once."));
  app.synchronise();
}
