// The focus stays where it was when a part of the page is replaced: at the same row or link, or the next that is left.
const keyOf = (each) => each.dataset.row ?? each.getAttribute("href");
const rowsOf = (part) => [...part.querySelectorAll("[data-row], a[href]")];

// Returns what puts the focus back once the part has been replaced.
export function keepFocus(part) {
  if (!part.contains(document.activeElement)) {
    return () => {};
  }
  const before = rowsOf(part);
  const at = before.indexOf(document.activeElement);
  const wanted = at < 0 ? [] : [...before.slice(at), ...before.slice(0, at).reverse()].map(keyOf);
  return () => {
    const after = rowsOf(part);
    const key = wanted.find((each) => after.some((row) => keyOf(row) === each));
    const next = key === undefined ? part : after.find((row) => keyOf(row) === key);
    if (!part.contains(document.activeElement)) {
      next.focus({ preventScroll: true });
    }
  };
}
