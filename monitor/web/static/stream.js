// One stream for all tabs of a browser: the tab that has the lock follows the server, and passes on what it receives.
// Tabs share one if they may see the same, in the same language: their places in the stream say so.
// Browsers have locks over HTTPS only. Without, each tab has a stream of its own, and a browser allows six in all.
const LOCK = `vm-live ${(document.body.dataset.position ?? "").split(".")[0]}`;
const SILENT_AFTER = 4000;
const ANSWERS_WITHIN = 50;
const PAUSES = [500, 1000, 2000, 4000, 5000];
const MOST_TABS = 4;
const channel = new BroadcastChannel(LOCK);
const isShared = Boolean(navigator.locks);
let page = null;
let others = [];
let late = [];
let asked = null;
let stream = new AbortController();
let heardAt = performance.now();
let leading = null;
let isWaiting = false;
let hasJoined = false;
let isEnded = false;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const about = () => ({ place: page.place(), follows: page.follows() });

// What a page shows: `place` and `follows` say it, `take` is given each event, `refused` that nobody is signed in.
export function openStream(shown) {
  page = shown;
  channel.onmessage = ({ data }) => hear(data);
  if (isShared) {
    channel.postMessage({ kind: "join", ...about() });
    waitToLead({});
    setInterval(takeOver, 500);
  } else {
    warnOfTabs();
    lead();
  }
}

export function restart() {
  stream.abort();
}

export function end() {
  isEnded = true;
  stream.abort();
}

function hear(message) {
  if (message.kind === "event") {
    heardAt = performance.now();
    page.take(message.block);
  } else if (message.kind === "ask") {
    channel.postMessage({ kind: "here", ...about() });
  } else if (message.kind === "here") {
    others.push(message);
    if (isShared && asked && !isCovered(message)) {
      // A busy tab has answered when the stream had begun: it begins anew, with what this one follows.
      late.push(message);
      hasJoined = true;
      stream.abort();
    }
  } else if (leading) {
    // A tab has joined: the stream begins anew from where it stands, and with what it follows.
    others.push(message);
    hasJoined = true;
    stream.abort();
  }
}

// Who leads --------------------------------------------------------------------------------------------------------

async function waitToLead(options) {
  isWaiting ||= !options.steal;
  try {
    await navigator.locks.request(LOCK, options, () => {
      isWaiting &&= Boolean(options.steal);
      return lead();
    });
  } catch {
    // Another tab has taken over, because it heard nothing from this one.
    leading = null;
    stream.abort();
    if (!isWaiting && !isEnded) {
      waitToLead({});
    }
  }
}

function takeOver() {
  if (!leading && !isEnded && !document.hidden && performance.now() - heardAt > SILENT_AFTER) {
    heardAt = performance.now();
    waitToLead({ steal: true });
  }
}

async function lead() {
  const mine = {};
  leading = mine;
  let failures = 0;
  while (leading === mine && !isEnded) {
    const before = heardAt;
    try {
      await follow();
    } catch {
      // Tried again below; what is stale says so by itself.
    }
    if (!hasJoined && leading === mine) {
      failures = heardAt > before ? 0 : failures + 1;
      await pause(PAUSES[Math.min(failures, PAUSES.length - 1)] * (0.75 + Math.random() / 2));
    }
  }
}

// The stream -------------------------------------------------------------------------------------------------------

async function follow() {
  others = late;
  late = [];
  asked = null;
  if (isShared) {
    channel.postMessage({ kind: "ask" });
    await pause(ANSWERS_WITHIN);
  }
  hasJoined = false;
  stream = new AbortController();
  asked = { last: earliest(), follows: new Set([about(), ...others].flatMap(({ follows }) => follows)) };
  const query = new URLSearchParams({ last: asked.last });
  for (const part of asked.follows) {
    query.append("follows", part);
  }
  const response = await fetch(`/live?${query}`, {
    headers: { accept: "text/event-stream" },
    cache: "no-store",
    signal: stream.signal,
  });
  if (response.status === 401 || response.status === 403) {
    end();
    page.refused();
    return;
  }
  if (!response.ok) {
    throw new Error(response.status);
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += part.value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      heardAt = performance.now();
      channel.postMessage({ kind: "event", block });
      page.take(block);
    }
  }
}

const number = (place) => Number(place.split(".")[1] ?? 0);

// Whether the stream has all that a tab follows, from the tab's place on.
function isCovered({ place, follows }) {
  return number(place) >= number(asked.last) && follows.every((part) => asked.follows.has(part));
}

// The place from which on no tab misses anything.
function earliest() {
  return [about(), ...others].map(({ place }) => place).sort((one, other) => number(one) - number(other))[0];
}

async function warnOfTabs() {
  channel.postMessage({ kind: "ask" });
  await pause(500);
  if (others.length >= MOST_TABS) {
    page.warn();
  }
}
