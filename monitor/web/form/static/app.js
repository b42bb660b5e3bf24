// Starts the form: what the phone has comes first, the network afterwards.
import { actionPage } from "./actions.js";
import { decisionPage } from "./decisions.js";
import { contact } from "./contact.js";
import { offline } from "./offline.js";
import { homePage } from "./home.js";
import { formPage } from "./overview.js";
import { itemPage } from "./item.js";
import { outboxPage } from "./outbox.js";
import { frame, isInUse, released, show, trouble } from "./frame.js";
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

const root = document.documentElement.dataset;
let asked = 0; // how often a page was asked for
let isOther = false; // whether one of those that were asked for since is another page than the one that is shown

// Make the page of the address. One that takes longer than the one that was asked for after it comes too late, and is
// not shown. The same page made anew (not `isNew`) waits for the finger, and for whoever writes on it.
async function refresh({ isNew = true } = {}) {
  const turn = ++asked;
  const { hash } = location;
  isOther ||= isNew || hash !== root.page;
  app.mine = (await app.store.meta("mine")) ?? null;
  timeZone(app.mine?.timezone);
  const [pattern, page] = PAGES.find(([each]) => each.test(hash));
  const found = await page(app, ...hash.match(pattern).slice(1).map(decodeURIComponent));
  await (isOther ? null : released());
  if (turn === asked && found.instead) {
    location.replace(found.instead);
  } else if (turn === asked && (isOther || !isInUse())) {
    app.draft = found.draft ?? null;
    show(found, isOther);
    root.page = hash;
    isOther = false;
  }
  await frame(app);
}

let last = Promise.resolve(); // the round that was asked for last
let next = null; // the one that has not begun yet

// Ask the server, send what waits, and say how it stands. A round that is under way may be past what came to wait
// since: then one more follows. `isAsked`: somebody pressed the button, so no pause counts.
function synchronise({ isAsked = false } = {}) {
  if (isAsked) {
    trouble("");
  }
  root.busy = "";
  next ??= begun();
  next.isAsked ||= isAsked;
  return next.done;
}

function begun() {
  const own = { isAsked: false };
  own.done = last.then(() => {
    next = null;
    return round(own.isAsked).finally(() => next ?? delete root.busy);
  });
  last = own.done.catch(() => {}); // said to whoever asked for it
  return own;
}

async function round(isAsked) {
  try {
    app.network = await contact(app.store);
    if (app.network.state === "online") {
      const now = isAsked ? Infinity : Date.now();
      await sendAll(app.store, app.network.account, { now, onChange: () => frame(app) });
      await sendPhotos(app.store, app.network.account);
      await tidy(app.store, Date.now());
    }
    app.mine = (await app.store.meta("mine")) ?? null;
    await frame(app);
  } catch (error) {
    full(error);
  }
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
    await refresh({ isNew: false });
  }
}

// What was chosen here, else what the account has, else the browser's.
async function languageOf() {
  return (await app.store.meta("language")) ?? (await app.store.meta("mine"))?.language ?? navigator.language.split("-")[0];
}

async function start() {
  await speak(await languageOf());
  root.theme = (await app.store.meta("theme")) ?? "light";
  app.mine = (await app.store.meta("mine")) ?? null;
  addEventListener("hashchange", async () => {
    await app.draft?.flush();
    await refresh();
  });
  addEventListener("pagehide", () => app.draft?.flush());
  addEventListener("online", settle);
  addEventListener("offline", settle);
  document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? app.draft?.flush() : settle()));
  setInterval(() => document.visibilityState === "visible" && synchronise(), EVERY_MS);
  await refresh();
  offline(app); // by itself: what waits is not held up by a worker that gives no answer
  await settle();
  root.ready = tag();
}

// A press that came to nothing would look like one that was not felt.
addEventListener("unhandledrejection", (event) => {
  const { reason } = event;
  if (reason?.name === "QuotaExceededError") {
    trouble(gettext("This phone is full: that is not kept. Free some space, then do it again."));
    event.preventDefault();
  } else {
    trouble(gettext("That did not work: {reason}", { reason: reason?.message ?? reason }));
  }
});

start().catch((error) => {
  trouble(gettext("The form can't be opened: {reason}", { reason: error.message }));
  throw error;
});
