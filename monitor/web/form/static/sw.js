// The worker of the form: it answers for the files of the form, and touches nothing else. `SHELL` is put before it.
const PREFIX = "vm-shell-";
const NAME = PREFIX + SHELL.version;
const KEPT = 2; // caches: ours, and that of the version before, which an open page may still use
const FILES = new Set(SHELL.files);
const HOME = "/m/";

// All files or none: if one is missing, the worker of before stays.
async function install() {
  const cache = await caches.open(NAME);
  try {
    await cache.addAll(SHELL.files.map((file) => new Request(file, { cache: "reload" })));
  } catch (error) {
    await caches.delete(NAME);
    throw error;
  }
}

async function tidy() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
  await Promise.all(names.slice(0, Math.max(0, names.length - KEPT + 1)).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function isReady() {
  const cache = await caches.open(NAME);
  const found = await Promise.all(SHELL.files.map((file) => cache.match(file)));
  return found.every(Boolean);
}

async function answer(request, path) {
  const own = await (await caches.open(NAME)).match(path);
  return own ?? (await caches.match(path)) ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("message", (event) => {
  if (event.data === "use") {
    self.skipWaiting();
  } else if (event.data === "ready?") {
    event.waitUntil(isReady().then((ready) => event.ports[0].postMessage(ready)));
  }
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const isOurs = url.origin === self.location.origin && (FILES.has(url.pathname) || url.pathname.startsWith(`${HOME}f/`));
  if (request.method === "GET" && isOurs) {
    event.respondWith(answer(request, url.pathname));
  }
});
