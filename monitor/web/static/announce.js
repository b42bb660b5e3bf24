// What changes is announced together: a screen reader that read row by row would never come to an end.
const GATHERED = 1500;
const region = document.getElementById("announced");
const changed = new Set();
let gravest = null;
let timer = 0;

export function announce(change, isNew) {
  if (!region) {
    return;
  }
  changed.add(change.id);
  if (isNew && change.key && (!gravest || change.key.sort < gravest.key.sort)) {
    gravest = change;
  }
  timer ||= setTimeout(speak, GATHERED);
}

function speak() {
  const parts = [region.dataset.text.replace("{n}", changed.size)];
  const row = gravest && document.createRange().createContextualFragment(gravest.html);
  if (row) {
    parts.push(row.querySelector(".chip").lastChild.textContent.trim(), row.querySelector(".title").textContent);
  }
  region.textContent = parts.join(" ");
  changed.clear();
  gravest = null;
  timer = 0;
}
