// Talks with the server: who is signed in, which checklists there are, and what its clock says.
import { measured } from "./clock.js";
import { nameOf } from "./present.js";
import { read } from "./verdict.js";
import { noticeWiped } from "./wiped.js";

const PATIENCE_MS = 20_000;
const steady = () => performance.now();

export const request = (path, options = {}) =>
  fetch(path, {
    cache: "no-store",
    credentials: "same-origin",
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...options,
    headers: { accept: "application/json", ...options.headers },
  });

// Whether an error says that the network gave no answer, and nothing else.
export const isNetworkGone = (error) => ["TypeError", "TimeoutError", "AbortError"].includes(error.name);

export async function measure(store) {
  const left = Date.now();
  const body = await read(await request("/api/v1/ping"));
  if (typeof body?.time !== "string" || Number.isNaN(Date.parse(body.time))) {
    return false;
  }
  await store.setMeta("clock", measured(body.time, left, Date.now(), steady()));
  return true;
}

// Returns {state: "online" | "offline" | "portal" | "sign-in", account}.
export async function contact(store) {
  try {
    if (!(await measure(store))) {
      return { state: "portal" };
    }
    const mine = await store.meta("mine");
    const headers = mine?.etag && mine.checklists ? { "if-none-match": mine.etag } : {};
    const response = await request("/api/v1/my/lists", { headers });
    if (response.status === 304) {
      await seen(store, mine);
      return { state: "online", account: mine.account };
    }
    const body = await read(response);
    if (response.status === 401 || response.status === 403) {
      return { state: "sign-in", account: null };
    }
    if (!response.ok || !Array.isArray(body?.lists)) {
      return { state: response.status >= 500 ? "offline" : "portal" };
    }
    await keep(store, body, response.headers.get("etag"));
    return { state: "online", account: body.account };
  } catch (error) {
    if (isNetworkGone(error)) {
      return { state: "offline" };
    }
    throw error;
  }
}

// Nothing has changed: what is kept is as of now.
async function seen(store, mine) {
  const lists = (await store.lists()).filter((list) => mine.checklists.includes(nameOf(list)));
  await store.keepLists(lists.map((list) => ({ ...list, seen_at: Date.now() })));
}

async function keep(store, body, etag) {
  await store.keepLists(body.lists.map((list) => ({ ...list, seen_at: Date.now() })));
  const { lists, ...rest } = body;
  await noticeWiped(store, rest);
  await store.setMeta("mine", { ...rest, etag, checklists: lists.map(nameOf), at: Date.now() });
}
