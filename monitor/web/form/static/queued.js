// Puts something else than a whole form into the queue: a single answer, or a report on an action.
import { timing } from "./device.js";
import { textDigest } from "./freeze.js";
import { newKey } from "./key.js";

// `bodyOf` makes the body from the time, the device and the key; `about` says what it is about.
export async function enqueue(store, person, about, bodyOf) {
  const time = await timing(store);
  const key = newKey();
  const body = bodyOf({ ...time, key });
  await store.keep({
    ...person,
    ...about,
    key,
    state: "queued",
    answers: {},
    actions: {},
    body,
    started_at: new Date(time.now).toISOString(),
    at: time.timeOf(time.now),
    digest: await textDigest(body),
    tries: 0,
    next_at: 0,
    waits_for: "network",
  });
}
