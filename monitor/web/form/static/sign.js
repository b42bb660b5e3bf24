// Signs a form with a PIN. The key lies on the phone under the PIN, so that this works without a network.
import { isNetworkGone, request } from "./contact.js";
import { timing } from "./device.js";
import { read } from "./verdict.js";

const ITERATIONS = 600_000; // OWASP's figure for PBKDF2 with SHA-256
const TRIES = 5;
const LOCKED_MS = 60_000;
const SIGNATURE = ',"signature":';

export class SignatureFailed extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason; // "wrong-pin", "locked", "no-key", "refused"
  }
}

const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const bytesOf = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const named = (account) => `signing ${account}`;

export const needsSignature = (list) => list.items.some((item) => item.kind === "signature" && !item.other_than);

async function wrapping(pin, salt) {
  const secret = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({ name: "PBKDF2", salt, iterations: ITERATIONS, hash: "SHA-256" }, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

export async function hasKey(store, account, now) {
  const kept = await store.meta(named(account));
  return Boolean(kept && Date.parse(kept.ends_at) > now);
}

async function ask(account, body) {
  try {
    return await request("/api/v1/signing-keys", { method: "POST", headers: { "content-type": "application/json", "form-account": account }, body });
  } catch (error) {
    throw isNetworkGone(error) ? new SignatureFailed("no-key") : error;
  }
}

// Fetch a key from the server, which checks the PIN, and keep it under the PIN.
export async function fetchKey(store, account, pin) {
  const { device } = await timing(store);
  const response = await ask(account, JSON.stringify({ device: device.id, pin }));
  const body = await read(response);
  if (!response.ok || !body?.key) {
    const isWrong = `${body?.type}`.endsWith("wrong-pin");
    throw Object.assign(new SignatureFailed(isWrong ? "wrong-pin" : "refused"), { detail: body?.detail ?? "" });
  }
  const [salt, iv] = [16, 12].map((n) => crypto.getRandomValues(new Uint8Array(n)));
  const wrapped = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await wrapping(pin, salt), bytesOf(body.key));
  await store.setMeta(named(account), { id: body.id, ends_at: body.ends_at, salt, iv, wrapped, tries: 0, locked_until: 0 });
}

async function unwrap(store, account, pin, now) {
  const kept = await store.meta(named(account));
  if (!kept || Date.parse(kept.ends_at) <= now) {
    throw new SignatureFailed("no-key");
  }
  if (kept.locked_until > now) {
    throw new SignatureFailed("locked");
  }
  try {
    const raw = await crypto.subtle.decrypt({ name: "AES-GCM", iv: kept.iv }, await wrapping(pin, kept.salt), kept.wrapped);
    await store.setMeta(named(account), { ...kept, tries: 0 });
    return { id: kept.id, key: await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]) };
  } catch (error) {
    if (error.name !== "OperationError") {
      throw error;
    }
    const tries = kept.tries + 1;
    const isLocked = tries >= TRIES;
    await store.setMeta(named(account), { ...kept, tries: isLocked ? 0 : tries, locked_until: isLocked ? now + LOCKED_MS : 0 });
    throw new SignatureFailed(isLocked ? "locked" : "wrong-pin");
  }
}

// Return the body with a signature over its digest in place of the null at its end.
export async function signed(store, account, pin, body, digest, now) {
  const { id, key } = await unwrap(store, account, pin, now);
  const mac = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(digest));
  const signature = { person: account, method: "pin", key_id: id, mac: base64(mac) };
  return `${body.slice(0, body.lastIndexOf(SIGNATURE))}${SIGNATURE}${JSON.stringify(signature)}}`;
}
