// Keeps the form itself on the phone: registers the worker, says truly whether it works offline, offers new versions.
import { element } from "./element.js";
import { gettext } from "./texts.js";

let wanted = false;

export async function offline(app) {
  if (!isSecureContext || !navigator.serviceWorker) {
    say(app, () => gettext("Online only: without HTTPS this phone keeps nothing of the form itself. Ask for the venue's certificate."));
    return;
  }
  navigator.serviceWorker.addEventListener("controllerchange", () => (wanted ? location.reload() : check(app)));
  try {
    const registration = await navigator.serviceWorker.register("/m/sw.js", { scope: "/m/", updateViaCache: "none" });
    registration.addEventListener("updatefound", () => watch(app, registration));
    watch(app, registration);
  } catch (error) {
    if (!(error instanceof TypeError || error.name === "SecurityError")) {
      throw error;
    }
  }
  await check(app);
}

function watch(app, registration) {
  for (const worker of [registration.installing, registration.waiting]) {
    worker?.addEventListener("statechange", () => {
      check(app);
      offer(app, registration);
    });
  }
  offer(app, registration);
}

// Ask the worker that serves this page whether it has every file.
function isReady() {
  const worker = navigator.serviceWorker.controller;
  if (!worker) {
    return false;
  }
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = (event) => resolve(event.data === true);
    worker.postMessage("ready?", [port2]);
  });
}

async function check(app) {
  const isOurs = await isReady();
  say(app, () => (isOurs ? gettext("✓ ready offline") : gettext("Not ready for offline yet.")));
}

// `words` gives the text in the language of the moment.
function say(app, words) {
  app.offline = words;
  const place = document.getElementById("offline");
  if (place) {
    place.textContent = words();
  }
}

// A new version is used when somebody says so, and never while a form is open.
function offer(app, registration) {
  const worker = registration.waiting;
  const place = document.getElementById("version");
  if (!worker || !navigator.serviceWorker.controller) {
    place.hidden = true;
    return;
  }
  const use = async () => {
    await app.draft?.flush();
    wanted = true;
    worker.postMessage("use");
  };
  place.replaceChildren(gettext("There is a new version of this form."), " ", element("button", { type: "button", onclick: use }, gettext("Use it")));
  place.hidden = false;
}
