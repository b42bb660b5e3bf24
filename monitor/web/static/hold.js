// When nothing may move: while somebody points at the rows, stands on one, or has selected some.
const IDLE_AFTER = 30000;
const board = document.getElementById("board");
let movedAt = performance.now();
let isHeldByHand = false;
let release = () => {};

for (const kind of ["pointermove", "pointerdown", "keydown", "wheel"]) {
  document.addEventListener(kind, () => (movedAt = performance.now()), { passive: true });
}

export function isEditing() {
  const element = document.activeElement;
  return Boolean(element?.closest("input:not([type=checkbox]), textarea, select, [contenteditable]"));
}

export function holds() {
  if (!board) {
    return false;
  }
  if (isHeldByHand || board.querySelector(".select input:checked")) {
    return true;
  }
  const isIdle = performance.now() - movedAt > IDLE_AFTER;
  return !isIdle && Boolean(board.querySelector(".row:hover, .row:focus-within"));
}

export function toggleHold() {
  isHeldByHand = !isHeldByHand;
  if (!isHeldByHand) {
    release();
  }
}

export function onRelease(then) {
  release = then;
  setInterval(() => holds() || then(), 500);
}
