// The rows of the board: which belong here, and where.
const board = document.getElementById("board");
const filter = board ? JSON.parse(board.dataset.filter) : null;
const words = document.getElementById("words");
const language = `${document.documentElement.lang}-u-nu-latn`;
const units = (unit) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" });
const [minutes, hours, days] = ["minute", "hour", "day"].map(units);

// The same as `BoardFilter.matches` on the server.
export function matches(key) {
  const among = (wanted, value) => !wanted.length || wanted.includes(value);
  return Boolean(
    board &&
      key &&
      among(filter.severities, key.severity) &&
      among(filter.sites, key.site) &&
      among(filter.zones, key.zone) &&
      among(filter.leads, key.lead) &&
      (filter.groups.length ? filter.groups.includes(key.group) : key.group !== "shelved") &&
      (!filter.owner || filter.owner === key.owner) &&
      (!filter.cause || filter.cause === key.cause) &&
      key.text.includes(filter.text),
  );
}

function isOnThisPage(key) {
  const { begins, ends } = board.dataset;
  return !(begins && key.sort < begins) && !(ends && key.sort > ends);
}

function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

export function applyRow(change, { inPlace }) {
  if (!board) {
    return;
  }
  const before = document.getElementById(`alert-${change.id}`);
  if (inPlace) {
    if (before && change.key) {
      showInPlace(before, made(change.html));
    }
    return;
  }
  const list = matches(change.key) && listOf(change);
  if (!list) {
    before?.remove();
  } else {
    const row = made(change.html);
    row.classList.toggle("new", !before || before.classList.contains("new"));
    const box = before?.querySelector(".select input");
    row.querySelector(".select input").checked = Boolean(box?.checked);
    keepOpen(before, row);
    before?.remove();
    place(row, list);
    window.htmx?.process(row);
  }
  count();
}

// Nothing moves, but who has it now is seen at once.
function showInPlace(before, after) {
  for (const name of [".owner", ".take"]) {
    const [old, fresh] = [before.querySelector(name), after.querySelector(name)];
    if (!old.contains(document.activeElement)) {
      old.replaceWith(fresh);
      window.htmx?.process(fresh);
    } else if (!fresh.querySelector("button")) {
      // The button that has just been pressed, and has done what it can.
      old.querySelector("button").disabled = true;
    }
  }
}

// An alert that has only recurred.
export function showCount(id, n) {
  const times = document.querySelector(`#alert-${CSS.escape(id)} .times`);
  if (times) {
    const shown = document.createElement("bdi");
    shown.dir = "ltr";
    shown.textContent = `×${n}`;
    times.replaceChildren(shown);
  }
}

// Where a row belongs: its group, or under the cause that it follows from; nowhere if that is closed up.
function listOf({ id, key }) {
  if (board.dataset.folds && key.cause && key.cause !== id) {
    const cause = document.getElementById(`alert-${key.cause}`);
    if (cause) {
      return cause.querySelector(":scope > .rows");
    }
  }
  return isOnThisPage(key) ? board.querySelector(`section[data-group="${key.group}"] > .rows`) : null;
}

function place(row, list) {
  const next = [...list.children].find((other) => other.dataset.sort > row.dataset.sort);
  list.insertBefore(row, next ?? null);
}

// What follows from an alert -----------------------------------------------------------------------------------------

function keepOpen(before, row) {
  const [list, link] = [before?.querySelector(":scope > .rows"), row.querySelector(".following")];
  if (list && link) {
    row.append(list);
    link.setAttribute("aria-expanded", "true");
  }
}

// The link leads to a page with the same rows; with a script, they open under their cause.
async function toggle(link) {
  const row = link.closest(".row");
  const open = row.querySelector(":scope > .rows");
  link.setAttribute("aria-expanded", String(!open));
  if (open) {
    open.remove();
    count();
    return;
  }
  const response = await fetch(link.href);
  if (!response.ok || response.redirected) {
    location.assign(link.href);
    return;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const list = document.createElement("ol");
  list.className = "rows";
  list.append(...[...page.querySelectorAll("#board .row")].filter((other) => other.id !== row.id));
  // Those that stood on their own until now.
  for (const each of list.children) {
    document.getElementById(each.id)?.remove();
  }
  const further = page.querySelector(".paging [rel=next]");
  if (further) {
    const item = document.createElement("li");
    further.href = new URL(further.getAttribute("href"), link.href);
    item.append(further);
    list.append(item);
  }
  // The row may have been replaced meanwhile.
  const present = document.getElementById(row.id);
  present?.querySelector(":scope > .rows")?.remove();
  present?.append(list);
  present?.querySelector(".following")?.setAttribute("aria-expanded", "true");
  window.htmx?.process(list);
  count();
}

board?.addEventListener("click", (event) => {
  const link = event.target.closest(".following");
  if (link && board.dataset.folds && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    toggle(link);
  }
});

export function count() {
  let total = 0;
  for (const section of board.querySelectorAll("section")) {
    const n = section.querySelectorAll(".row").length;
    section.querySelector(".n").textContent = n;
    section.hidden = !n;
    total += n;
  }
  document.getElementById("empty").hidden = total > 0;
}

// Ages by the server's clock; that nothing is open is said with the time at which it was so.
export function showWhatIsKnown(at, clock) {
  const now = Date.parse(at);
  for (const element of document.querySelectorAll("time.age")) {
    const text = age(now - Date.parse(element.dateTime));
    if (element.textContent !== text) {
      element.textContent = text;
    }
  }
  const empty = document.getElementById("empty");
  if (empty) {
    empty.textContent = `✓ ${empty.dataset.checked.replace("{when}", clock)}`;
  }
}

function age(milliseconds) {
  const n = Math.max(0, Math.floor(milliseconds / 60000));
  if (n < 1) {
    return words.dataset.now;
  }
  if (n < 60) {
    return minutes.format(n);
  }
  const [long, short, part, whole] = n < 1440 ? [hours, minutes, n % 60, n / 60] : [days, hours, (n % 1440) / 60, n / 1440];
  const rest = Math.floor(part);
  return long.format(Math.floor(whole)) + (rest ? ` ${short.format(rest)}` : "");
}
