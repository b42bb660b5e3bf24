// Starts the form: what the phone has comes first, the network afterwards.
import { actionPage } from "./actions.js";
import { decisionPage } from "./decisions.js";
import { contact } from "./contact.js";
import { offline } from "./offline.js";
import { homePage } from "./home.js";
import { formPage } from "./overview.js";
import { itemPage } from "./item.js";
import { outboxPage } from "./outbox.js";
import { frame, show, trouble } from "./frame.js";
import { sendAll } from "./send.js";
import { sendPhotos } from "./send_photos.js";
import { Store } from "./store.js";
import { gettext, speak, tag, timeZone } from "./texts.js";
import { tidy } from "./tidy.js";
import { signPage } from "./zones.js";

const EVERY_MS = 60_000;
const PAGES = [
  [/^#\/form\/([^/]+)\/item\/(.+)$/, itemPage],
  [/^#\/form\/([^/]+)$/, formPage],
  [/^#\/action\/(.+)$/, actionPage],
  [/^#\/decide\/(.+)$/, decisionPage],
  [/^#\/sign\/(.+)$/, signPage],
  [/^#\/zone\/(.+)$/, homePage],
  [/^#\/outbox$/, outboxPage],
  [/^/, homePage],
];

const app = {
  store: new Store({ onBlocked: () => trouble(gettext("Close the other pages of the form: they keep an older version open.")) }),
  network: { state: "unknown", account: null },
  draft: null, // the form that is being filled in
  mine: null, // what the server told about the person and their checklists
  go: (hash) => (location.hash === hash ? app.refresh() : (location.hash = hash)),
  refresh,
  synchronise,
  settle,
};

let asked = 0; // how often a page was asked for

// A page that takes longer than the one that was asked for after it comes too late, and is not shown.
async function refresh() {
  const turn = ++asked;
  app.mine = (await app.store.meta("mine")) ?? null;
  timeZone(app.mine?.timezone);
  const [pattern, page] = PAGES.find(([each]) => each.test(location.hash));
  const parameters = location.hash.match(pattern).slice(1).map(decodeURIComponent);
  const found = await page(app, ...parameters);
  if (turn === asked) {
    app.draft = page === itemPage ? app.draft : null;
    show(found);
  }
  await frame(app);
}

let running = null;

// Ask the server, send what waits, and say how it stands. `isAsked`: somebody pressed the button, so no pause counts.
async function synchronise({ isAsked = false } = {}) {
  if (isAsked) {
    trouble("");
    await running;
  }
  document.documentElement.dataset.busy = "";
  running ??= (async () => {
    app.network = await contact(app.store);
    if (app.network.state === "online") {
      const now = isAsked ? Infinity : Date.now();
      await sendAll(app.store, app.network.account, { now, onChange: () => frame(app) });
      await sendPhotos(app.store, app.network.account);
      await tidy(app.store, Date.now());
    }
    app.mine = (await app.store.meta("mine")) ?? null;
    await frame(app);
  })()
    .catch(full)
    .finally(() => {
      running = null;
      delete document.documentElement.dataset.busy;
    });
  await running;
}

// Sending is written down before and after: on a full phone nothing can be sent, and nothing is lost.
function full(error) {
  if (error.name !== "QuotaExceededError") {
    throw error;
  }
  trouble(gettext("This phone is full: your forms are kept, and can't be sent. Free some space, then press “Send now”."));
}

// Synchronise, and show what came of it, unless a form is being filled in meanwhile.
async function settle({ isAsked = false } = {}) {
  await synchronise({ isAsked });
  if ((await languageOf()) !== tag()) {
    await speak(await languageOf());
  }
  if (!app.draft) {
    await refresh();
  }
}

// What was chosen here, else what the account has, else the browser's.
async function languageOf() {
  return (await app.store.meta("language")) ?? (await app.store.meta("mine"))?.language ?? navigator.language.split("-")[0];
}

async function start() {
  await speak(await languageOf());
  document.documentElement.dataset.theme = (await app.store.meta("theme")) ?? "light";
  app.mine = (await app.store.meta("mine")) ?? null;
  addEventListener("hashchange", () => app.draft?.flush().then(refresh) ?? refresh());
  addEventListener("pagehide", () => app.draft?.flush());
  addEventListener("online", settle);
  addEventListener("offline", settle);
  document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? app.draft?.flush() : settle()));
  setInterval(() => document.visibilityState === "visible" && synchronise(), EVERY_MS);
  await refresh();
  await offline(app);
  await settle();
  document.documentElement.dataset.ready = tag();
}

start().catch((error) => {
  trouble(gettext("The form can't be opened: {reason}", { reason: error.message }));
  throw error;
});
