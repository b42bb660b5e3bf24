// Whoever's device is in another time zone than the congress reads which, and what its clock says when the page does.
const note = document.getElementById("time-zone");
const there = Number(note.dataset.offset);
const here = -new Date().getTimezoneOffset();
if (here !== there) {
  const hours = Math.abs(there - here) / 60;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const text = here < there ? note.dataset.behind : note.dataset.ahead;
  note.textContent = text.replace("{zone}", `\u2068${zone}\u2069`).replace("{hours}", `\u2068${hours}\u2069`);
  note.hidden = false;
}
