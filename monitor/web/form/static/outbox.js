// What lies only on this phone: what waits, what was refused, what was sent, and the bin; all of it as a file.
import { element, name } from "./element.js";
import { saveAsFile } from "./export.js";
import { refusal, words } from "./outcome.js";
import { answeredBy, nameOf } from "./present.js";
import { pressed } from "./press.js";
import { discard, restore, retry } from "./queue.js";
import { dateTime, gettext, named } from "./texts.js";

const LOCAL = ["queued", "sending", "refused"];

export async function outboxPage(app) {
  const [forms, lists] = await Promise.all([app.store.forms(), app.store.lists()]);
  const byName = new Map(lists.map((list) => [nameOf(list), list]));
  const part = (title, states) => {
    const rows = forms.filter((form) => states.includes(form.state)).reverse();
    return rows.length ? element("section", { class: "section" }, element("h2", {}, title, " ", element("span", { class: "n" }, String(rows.length))), element("ul", { class: "cards" }, rows.map((form) => rowOf(app, form, byName)))) : null;
  };
  const again = () => app.settle({ isAsked: true });
  return {
    title: gettext("Only on this phone"),
    back: "#/",
    body: [
      part(gettext("Not sent yet"), LOCAL) ?? element("p", { class: "empty" }, gettext("Nothing waits on this phone.")),
      part(gettext("Sent"), ["accepted"]),
      part(gettext("Bin"), ["binned"]),
    ],
    foot: [
      element(
        "div",
        { class: "steps" },
        element("button", { type: "button", class: "quiet", id: "save", onclick: () => saveAsFile(app.store) }, gettext("Save as a file")),
        element("button", { type: "button", class: "main", id: "send", onclick: again }, gettext("Send now")),
      ),
    ],
  };
}

function titleOf(form, list) {
  switch (form.kind) {
    case "item":
      return named(list?.items.find((each) => each.id === form.item)?.text ?? form.item);
    case "action":
    case "decision":
      return named(form.text);
    default:
      return named(list?.name ?? form.list);
  }
}

function rowOf(app, form, lists) {
  const list = lists.get(answeredBy(form));
  const isHeld = LOCAL.includes(form.state) && app.network.account && form.account !== app.network.account;
  const state = isHeld ? gettext("Held for {name}: only they can send it.", { name: form.person }) : words(form);
  const inside = [
    element("span", { class: "name" }, name(titleOf(form, list)), element("small", { class: form.state === "refused" ? "bad" : "" }, state), refusal(form)),
    element("span", { class: "when" }, name(dateTime(form.at ?? form.started_at))),
  ];
  if (form.state === "binned") {
    const back = pressed(app, async () => {
      await app.store.change(form.key, restore);
      return `#/form/${form.key}`;
    });
    const isSent = Boolean(form.body);
    return element("li", {}, element("div", { class: "card" }, inside, isSent ? null : element("button", { type: "button", onclick: back }, gettext("Take back"))));
  }
  if (form.kind !== "form" && form.state === "refused") {
    return element("li", {}, element("div", { class: "card" }, inside), refusedSteps(app, form));
  }
  return element("li", {}, form.kind !== "form" ? element("div", { class: "card" }, inside) : element("a", { class: "card", href: `#/form/${form.key}` }, inside));
}

// A refused report has no page of its own: it is sent again when what was missing is there, or goes to the bin.
function refusedSteps(app, form) {
  const again = pressed(app, async () => {
    await app.store.change(form.key, retry);
    await app.settle({ isAsked: true });
  });
  const drop = async () => {
    await app.store.change(form.key, (row) => discard(row, Date.now()));
    await app.refresh();
  };
  return element(
    "div",
    { class: "steps" },
    element("button", { type: "button", class: "quiet", onclick: drop }, gettext("Discard")),
    element("button", { type: "button", onclick: again }, gettext("Try again")),
  );
}
