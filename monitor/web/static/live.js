// The live stream: keeps a page as it is on the server, and says so when it can't.
import { ring, settle } from "./sound.js";
import { isEditing, holds, onRelease } from "./hold.js";
import { announce } from "./announce.js";
import { keepFocus } from "./focus.js";
import { end, openStream, restart } from "./stream.js";
import { applyRow, matches, showCount, showWhatIsKnown } from "./rows.js";

const STALE_AFTER = 5000;
const root = document.documentElement;
const number = new Intl.NumberFormat(`${root.lang}-u-nu-latn`);
const alive = document.getElementById("alive");
const bar = document.getElementById("stale");
const paused = document.getElementById("paused");
const behind = document.getElementById("behind");
const title = document.title;
let position = document.body.dataset.position;
let heardAt = performance.now();
let clock = "";
let wasBehind = false;
let isOver = false;
const waiting = new Map();
const heldParts = new Map();
const known = new Set();
let putFocusBack = () => {};

// Stale ------------------------------------------------------------------------------------------------------------

function watch() {
  const isStale = performance.now() - heardAt > STALE_AFTER;
  if (isStale !== root.classList.contains("stale")) {
    root.classList.toggle("stale", isStale);
    bar.hidden = !isStale;
    bar.textContent = clock ? bar.dataset.text.replace("{when}", clock) : bar.dataset.unknown;
    document.title = isStale ? `? ${title}` : title;
    // What is old must not be acted upon.
    for (const button of document.querySelectorAll("main button:not([data-print])")) {
      button.disabled = isStale;
    }
  }
  if (performance.now() - heardAt > 2 * STALE_AFTER && !isOver) {
    heardAt += STALE_AFTER;
    restart();
  }
}

function tick(content) {
  heardAt = performance.now();
  clock = content.clock;
  const trouble = content.troubles[0];
  alive.classList.toggle("trouble", Boolean(trouble) || content.is_catching_up);
  alive.textContent = `${trouble ? "▲" : "●"} ${wordFor(content)} ${clock}`;
  alive.title = content.troubles.join("\n");
  showWhatIsKnown(content.at, clock);
  showBehind(content.waiting);
  watch();
}

function wordFor(content) {
  const { trouble, catchingUp, left, live } = alive.dataset;
  if (content.troubles.length) return trouble;
  if (!content.is_catching_up) return live;
  return content.left ? left.replace("{n}", number.format(content.left)) : catchingUp;
}

// In a flood the server sends the gravest changes first, and says how many follow.
function showBehind(n) {
  if (behind) {
    behind.hidden = !(n && wasBehind);
    behind.textContent = behind.dataset.text.replace("{n}", n);
    wasBehind = Boolean(n);
  }
}

// Changes ----------------------------------------------------------------------------------------------------------

function rows(changes) {
  settle(changes);
  for (const change of changes) {
    const isNew = change.key && !document.getElementById(`alert-${change.id}`) && !known.has(change.id);
    known[change.key ? "add" : "delete"](change.id);
    if (isNew && change.key.group === "nobody") {
      ring(change.key.severity);
    }
    if (matches(change.key) || document.getElementById(`alert-${change.id}`)) {
      announce(change, isNew);
    }
    if (holds()) {
      applyRow(change, { inPlace: true });
      if (matches(change.key) || document.getElementById(`alert-${change.id}`)) {
        waiting.set(change.id, change);
      }
    } else {
      applyRow(change, { inPlace: false });
    }
    refreshIfShown(change.id);
  }
  showWaiting();
}

function counts(occurrences) {
  for (const [id, n] of Object.entries(occurrences)) {
    showCount(id, n);
    refreshIfShown(id);
  }
}

function showWaiting() {
  if (paused) {
    paused.hidden = !waiting.size;
    paused.textContent = paused.dataset.text.replace("{n}", waiting.size);
  }
}

export function applyWaiting() {
  for (const change of waiting.values()) {
    applyRow(change, { inPlace: false });
  }
  waiting.clear();
  showWaiting();
}

function refreshIfShown(id) {
  if (id !== document.querySelector("[data-alert]")?.dataset.alert) {
    return;
  }
  if (isEditing() || document.querySelector("details[open]")) {
    document.getElementById("changed").hidden = false;
  } else {
    window.htmx?.ajax("GET", location.pathname, { target: "#main", select: "#main", swap: "outerHTML" });
  }
}

function parts(content) {
  for (const [id, html] of Object.entries(content)) {
    const element = document.getElementById(id) ?? document.querySelector(`[data-follows="${CSS.escape(id)}"]`);
    // What is being filled in waits: nothing typed is replaced.
    if (element?.querySelector("details[open], form.pin")) {
      heldParts.set(id, html);
    } else if (element) {
      heldParts.delete(id);
      replace(element, html);
    }
  }
}

// What is the same stays: a screen reader would read it again, and a selection would be lost.
function replace(element, html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  if (made.innerHTML === element.innerHTML) {
    return;
  }
  const putFocusBack = keepFocus(element);
  element.replaceChildren(made.content);
  putFocusBack();
  window.htmx?.process(element);
}

function applyHeldParts() {
  const held = Object.fromEntries(heldParts);
  heldParts.clear();
  parts(held);
}

function bye(content) {
  if (content.why === "signed-out") {
    isOver = true;
    location.reload();
  } else if (document.querySelector("[data-alert]") || isEditing()) {
    // Nothing that is being written may be lost; the page says that it has changed.
    position = content.position;
    document.getElementById("changed")?.removeAttribute("hidden");
  } else {
    isOver = true;
    end();
    if (content.why !== "replaced") {
      location.reload();
    }
  }
}

// The stream -------------------------------------------------------------------------------------------------------

const handlers = { rows, counts, part: parts, tick, bye };

function take(block) {
  if (isOver) {
    return;
  }
  const event = { id: "", event: "", data: "" };
  for (const line of block.split("\n")) {
    const at = line.indexOf(": ");
    event[line.slice(0, at)] = line.slice(at + 2);
  }
  handlers[event.event]?.(JSON.parse(event.data));
  position = event.id || position;
}

function refused() {
  isOver = true;
  location.reload();
}

if (alive) {
  onRelease(applyWaiting);
  paused?.addEventListener("click", applyWaiting);
  document.addEventListener("visibilitychange", watch);
  document.addEventListener("toggle", applyHeldParts, { capture: true });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful) {
      detail.elt.closest("#followed details")?.removeAttribute("open");
    }
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => (putFocusBack = keepFocus(detail.target)));
  document.addEventListener("htmx:afterSwap", () => putFocusBack());
  setInterval(watch, 500);
  openStream({
    place: () => position,
    follows: () => [...document.querySelectorAll("[data-follows]")].map((element) => element.dataset.follows),
    take,
    refused,
    warn: () => (document.getElementById("tabs").hidden = false),
  });
}
