// Keys: each does what a button does. Off in /me; never in a field, with a modifier, or while a word is composed.
import { applyWaiting } from "./live.js";
import { toggleHold } from "./hold.js";
import { test } from "./sound.js";

const KEEP = "keep:";
const RESULT_SHOWN = 6000;
const dialog = document.getElementById("keys");
const many = document.getElementById("many");
const more = many?.querySelector(".more");
const GO_WITHIN = 2000;
let goUntil = 0;

const rows = () => [...document.querySelectorAll("#board .row")].filter((row) => row.offsetParent);
const current = () => document.activeElement?.closest?.(".row");

function move(by) {
  const all = rows();
  const at = all.indexOf(current());
  const next = all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

// All rows of the same cause as the one that has the focus; without a cause, of the same zone.
function selectAlike() {
  const row = current();
  const name = row?.dataset.cause ? "cause" : "zone";
  for (const each of row ? rows() : []) {
    const box = each.querySelector(".select input");
    if (each === row || (row.dataset[name] && each.dataset[name] === row.dataset[name])) {
      box.checked = true;
    }
  }
  showSelected();
}

function press(code) {
  const control = document.querySelector(`[data-key="${code}"]`);
  control?.click();
  control?.closest("details")?.querySelector("textarea, select, input:not([type=hidden])")?.focus();
}

function bulk(name) {
  const row = current();
  if (row && !document.querySelector(".select input:checked")) {
    row.querySelector(".select input").click();
  }
  unfoldMany(many.classList.contains("some"));
  many.querySelector(name).focus();
}

const actions = {
  KeyJ: () => move(1),
  ArrowDown: () => move(1),
  KeyK: () => move(-1),
  ArrowUp: () => move(-1),
  Enter: () => current()?.querySelector(".title").click(),
  KeyA: () => (current() ? current().querySelector(":scope > .take button")?.click() : press("KeyA")),
  KeyX: () => current()?.querySelector(".select input").click(),
  KeyN: () => (many ? bulk("[name=note]") : press("KeyN")),
  KeyS: () => (many ? bulk("[name=note]") : press("KeyS")),
  KeyC: () => (many ? bulk("[name=disposition]") : press("KeyC")),
  KeyZ: toggleHold,
  KeyT: test,
};

function onKey(event) {
  if (event.code === "Escape") {
    document.activeElement?.blur?.();
    document.getElementById("result").replaceChildren();
    applyWaiting();
    return;
  }
  const isField = event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]");
  const isTaken = event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing;
  if (isField || isTaken || localStorage.getItem("keys") === "off") {
    return;
  }
  const isAfterG = performance.now() < goUntil;
  goUntil = 0;
  if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) {
    dialog.showModal();
  } else if (event.key === "/" || event.code === "Slash") {
    document.querySelector("#filter [name=q]")?.focus();
  } else if (isAfterG) {
    // Only pages that the navigation has, so that a key never does what no link does.
    document.querySelector(`[data-go="${event.code}"]`)?.click();
  } else if (event.shiftKey) {
    if (event.code !== "KeyX" || !many) {
      return;
    }
    selectAlike();
  } else if (event.code === "KeyG") {
    goUntil = performance.now() + GO_WITHIN;
  } else if (actions[event.code] && !(event.code === "Enter" && event.target.closest("button, a, summary"))) {
    actions[event.code]();
  } else {
    return;
  }
  event.preventDefault();
}

// What was selected -----------------------------------------------------------------------------------------------

function showSelected() {
  const n = document.querySelectorAll(".select input:checked").length;
  many.classList.toggle("some", n > 0);
  many.querySelector(".selected").textContent = n;
  if (!n) {
    unfoldMany(false);
  }
}

// On a phone the bar has one line until somebody wants the rest of it.
function unfoldMany(isUnfolded) {
  more.setAttribute("aria-expanded", isUnfolded);
}

// What was typed outlives the end of a session -----------------------------------------------------------------------

function keepTyped() {
  const isBack = document.referrer.includes("/login");
  if (!isBack && !document.querySelector(".wrong, form.pin")) {
    // The form that was sent has arrived; after a sign-in it has not.
    JSON.parse(sessionStorage.getItem("sent") ?? "[]").forEach((name) => sessionStorage.removeItem(name));
  }
  sessionStorage.removeItem("sent");
  document.addEventListener("submit", ({ target }) => {
    const names = [...target.querySelectorAll("[data-keep]")].map((field) => KEEP + field.dataset.keep);
    sessionStorage.setItem("sent", JSON.stringify(names));
  });
  for (const field of document.querySelectorAll("[data-keep]")) {
    const name = KEEP + field.dataset.keep;
    field.value ||= sessionStorage.getItem(name) ?? "";
    field.addEventListener("input", () => sessionStorage.setItem(name, field.value));
    if (field.value && field.closest("details")) {
      field.closest("details").open = true;
    }
  }
}

function forgetTyped(form) {
  for (const field of form?.querySelectorAll("[data-keep]") ?? []) {
    sessionStorage.removeItem(KEEP + field.dataset.keep);
  }
}

if (dialog) {
  document.addEventListener("keydown", onKey);
  document.getElementById("help").addEventListener("click", () => dialog.showModal());
  keepTyped();
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const done = document.querySelector("#result .done");
    setTimeout(() => done?.remove(), RESULT_SHOWN);
    if (detail.xhr.status === 200 && detail.elt === many) {
      forgetTyped(many);
      many.reset();
      for (const box of document.querySelectorAll(".select input:checked")) {
        box.checked = false;
      }
      many.elements.key.value = crypto.getRandomValues(new Uint32Array(4)).join("");
      showSelected();
    } else if (detail.elt === many) {
      many.elements.key.value = crypto.getRandomValues(new Uint32Array(4)).join("");
    }
  });
  if (many) {
    document.addEventListener("change", (event) => event.target.closest(".select") && showSelected());
    more.addEventListener("click", () => unfoldMany(more.getAttribute("aria-expanded") === "false"));
  }
  const choice = document.getElementById("keys-on");
  if (choice) {
    choice.checked = localStorage.getItem("keys") !== "off";
    choice.addEventListener("change", () => localStorage.setItem("keys", choice.checked ? "on" : "off"));
  }
}
