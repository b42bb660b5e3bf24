// Which phone this is, and what it knows of the time.
import { corrected, device } from "./clock.js";

async function deviceId(store) {
  const known = await store.meta("device");
  if (known) {
    return known;
  }
  const id = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  await store.setMeta("device", id);
  return id;
}

// `timeOf` turns a time of the phone into the server's.
export async function timing(store) {
  const [sample, id] = [await store.meta("clock"), await deviceId(store)];
  const now = Date.now();
  return { now, timeOf: (at) => new Date(corrected(at, sample)).toISOString(), device: device(id, sample, now, performance.now()) };
}
