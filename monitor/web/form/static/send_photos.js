// Sends the photos of forms that the server has: only those that it lacks.
import { isNetworkGone, request } from "./contact.js";
import { read } from "./verdict.js";

const PATIENCE_MS = 60_000;
const BATCH = 50;

async function lacking(digests) {
  const headers = { "content-type": "application/json" };
  const body = await read(await request("/api/v1/photos/lacking", { method: "POST", headers, body: JSON.stringify({ digests }) }));
  return Array.isArray(body?.lacking) ? new Set(body.lacking) : null;
}

const mark = (store, sha256, changes) => store.changePhoto(sha256, (photo) => (photo ? { ...photo, ...changes } : null));

// A refusal stays with the photo; whatever else went wrong is tried again the next time.
async function put(store, { sha256, bytes }) {
  const response = await request(`/api/v1/photos/${sha256}`, {
    method: "PUT",
    headers: { "content-type": "image/jpeg" },
    body: bytes,
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const body = await read(response);
  if (response.ok && body) {
    await mark(store, sha256, { sent: true });
  } else if ([413, 415, 422].includes(response.status) && body) {
    await mark(store, sha256, { refusal: body.detail ?? body.title ?? "" });
  }
}

// Without a network, the rest waits for the next time.
export async function sendPhotos(store, account) {
  try {
    await sendAll(store, account);
  } catch (error) {
    if (!isNetworkGone(error)) {
      throw error;
    }
  }
}

let isCompared = false; // since the page was opened: a photo that the monitor had may be lost there

async function sendAll(store, account) {
  const received = new Set((await store.forms()).filter((form) => form.state === "accepted" && form.account === account).map((form) => form.inspection));
  const waiting = (await store.photos()).filter((photo) => !(isCompared && photo.sent) && !photo.refusal && received.has(photo.inspection));
  for (let from = 0; from < waiting.length; from += BATCH) {
    const some = waiting.slice(from, from + BATCH);
    const digests = await lacking(some.map((photo) => photo.sha256));
    for (const photo of digests ? some : []) {
      if (digests.has(photo.sha256)) {
        await put(store, photo);
      } else if (!photo.sent) {
        await mark(store, photo.sha256, { sent: true });
      }
    }
  }
  isCompared = true;
}
