// A finished form as the bytes that are sent, however often.
import { asked } from "./judge.js";

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export const digestOf = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));

// Null over plain HTTP, where browsers compute no digests: then the key alone tells whose receipt it is.
export const textDigest = async (text) => (crypto.subtle ? digestOf(new TextEncoder().encode(text)) : null);

function itemOf(item, answer, timeOf) {
  return {
    item: item.id,
    result: answer.result,
    value: answer.value ?? null,
    unit: answer.value == null ? "unknown" : item.unit,
    choice: answer.choice ?? "",
    text: answer.text ?? "",
    asset: answer.asset ?? "",
    note: answer.note ?? "",
    na_reason: answer.na_reason ?? "",
    photos: answer.photos ?? [],
    at: timeOf(answer.at),
  };
}

const actionOf = (item, { lead, coordinating, due_at, note }, timeOf) => ({ item: item.id, lead, coordinating, due_at: timeOf(Date.parse(due_at)), note });

export const itemBody = (form, item, { device, timeOf, now }) =>
  JSON.stringify({
    schema: 1,
    checklist: form.list,
    digest: form.list_digest,
    inspection: form.inspection,
    revision: form.revision,
    at: timeOf(now),
    device,
    item: itemOf(item, form.answers[item.id], timeOf),
  });

// `timeOf` turns the phone's time into the server's; the signature is last, so that it can be cut off again.
export function bodyOf(form, list, { device, timeOf, now, signature = null }) {
  const items = asked(list, form.answers).filter((item) => form.answers[item.id]?.result);
  return JSON.stringify({
    schema: 1,
    checklist: form.list,
    digest: form.list_digest,
    inspection: form.inspection,
    revision: form.revision,
    started_at: timeOf(Date.parse(form.started_at)),
    finished_at: timeOf(now),
    at: timeOf(now),
    device,
    items: [
      ...items.map((item) => itemOf(item, form.answers[item.id], timeOf)),
      ...list.items.filter((item) => item.kind === "signature" && !item.other_than).map((item) => itemOf(item, { result: "pass", at: now }, timeOf)),
    ],
    actions: items.filter((item) => form.answers[item.id].result === "fail" && form.actions[item.id]).map((item) => actionOf(item, form.actions[item.id], timeOf)),
    signature,
  });
}
