// The second signature of a checklist that two people sign: by another person, over what the first has signed.
import { element, name } from "./element.js";
import { itemBody } from "./freeze.js";
import { newForm } from "./draft.js";
import { pressed } from "./press.js";
import { enqueue } from "./queued.js";
import { dateTime, gettext, named } from "./texts.js";

// The signature items that this person may give now: the first is there, and somebody else gave it.
function open(list, person) {
  return list.items.filter((item) => {
    const first = item.other_than && list.previous?.[item.other_than];
    const own = list.previous?.[item.id];
    return item.kind === "signature" && first?.result === "pass" && first.by !== person && !(own?.result === "pass" && own.at >= first.at);
  });
}

const SETTLED_MS = 4000; // by then the monitor's list shows a signature

function isSigned(app, forms, list, item) {
  const own = forms.filter((form) => form.kind === "item" && form.list === list.id && form.item === item.id);
  return own.some((form) => ["queued", "sending"].includes(form.state) || (form.state === "accepted" && form.accepted_at > app.mine.at - SETTLED_MS));
}

export function secondPart(app, lists, forms) {
  const mine = (list) => open(list, app.mine.person).filter((item) => !isSigned(app, forms, list, item));
  const rows = lists.flatMap((list) => mine(list).map((item) => element("li", {}, card(app, list, item))));
  return rows.length ? element("section", { class: "section" }, element("h2", {}, gettext("To be signed by a second person")), element("ul", { class: "cards" }, rows)) : null;
}

function card(app, list, item) {
  const first = list.previous[item.other_than];
  const sign = element("button", { type: "button", class: "main", onclick: pressed(app, () => act(app, list, item)) }, gettext("Sign"));
  return element("div", { class: "card" }, element("span", { class: "name" }, name(named(list.name)), element("small", {}, gettext("first signed by {name}, {time}", { name: first.by, time: dateTime(first.at) }))), sign);
}

async function act(app, list, item) {
  const { account, person } = app.mine;
  const form = newForm(list, { account, person: person || account, key: "", now: Date.now() });
  const about = { kind: "item", item: item.id, list: list.id, list_digest: list.digest };
  await enqueue(app.store, { account, person: person || account }, about, (time) =>
    itemBody({ ...form, inspection: time.key, answers: { [item.id]: { result: "pass", at: time.now } } }, item, time),
  );
  app.synchronise();
  await app.refresh();
  setTimeout(app.settle, SETTLED_MS);
}
