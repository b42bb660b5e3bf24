// Corrective actions: what is open, that the work is done, and that somebody else has found it to be good.
import { element, name } from "./element.js";
import { begin } from "./begin.js";
import { isPresent, nameOf } from "./present.js";
import { pressed } from "./press.js";
import { enqueue } from "./queued.js";
import { dateTime, gettext, named } from "./texts.js";

const STATES = {
  open: () => gettext("not done yet"),
  started: () => gettext("begun"),
  done: () => gettext("done, to be inspected again"),
};

const SETTLED_MS = 4000; // by then the monitor has judged a report

// What was reported from this phone and the server's list does not show yet.
function isReported(action, app, forms) {
  const own = forms.filter((form) => form.kind === "action" && form.action === action.id);
  return own.some((form) => ["queued", "sending"].includes(form.state) || (form.state === "accepted" && form.accepted_at > app.mine.at - SETTLED_MS));
}

export function actionsPart(app, forms) {
  const actions = app.mine?.actions ?? [];
  if (!actions.length) {
    return null;
  }
  const row = (action) =>
    element(
      "li",
      {},
      element(
        "a",
        { class: "card", href: `#/action/${encodeURIComponent(action.id)}` },
        element("span", { class: "name" }, name(named(action.text)), element("small", {}, name(named(action.zone.name)), " · ", name(action.lead.name))),
        element("span", { class: "when" }, isReported(action, app, forms) ? gettext("reported just now") : (STATES[action.state]?.() ?? action.state), action.due_at && element("small", {}, name(dateTime(action.due_at)))),
      ),
    );
  return element("section", { class: "section" }, element("h2", {}, gettext("Corrective actions"), " ", element("span", { class: "n" }, String(actions.length))), element("ul", { class: "cards" }, actions.map(row)));
}

export async function report(app, action, act, more = {}) {
  const { account, person } = app.mine;
  const about = { kind: "action", action: action.id, act, text: action.text };
  await enqueue(app.store, { account, person: person || account }, about, ({ key, now, timeOf }) => JSON.stringify({ key, at: timeOf(now), ...more }));
}

export async function actionPage(app, id) {
  const action = app.mine?.actions?.find((each) => each.id === id);
  if (!action) {
    return { instead: "#/" };
  }
  const lists = await app.store.lists();
  const list = lists.find((each) => each.id === action.checklist && isPresent(app.mine, nameOf(each)));
  const note = element("textarea", { id: "note", rows: 2, dir: "auto", maxLength: 2000 });
  const act = (which) =>
    pressed(app, async () => {
      await report(app, action, which, { note: note.value });
      app.synchronise();
      setTimeout(app.settle, SETTLED_MS);
      return "#/";
    });
  const inspect = pressed(app, () => begin(app, list, action.item));
  const isDone = action.state === "done";
  return {
    title: named(action.text),
    back: "#/",
    body: [
      element("p", {}, name(named(action.zone.name)), " · ", STATES[action.state]?.() ?? action.state),
      element("dl", { class: "facts" }, fact(gettext("Lead agency"), name(action.lead.name)), action.due_at && fact(gettext("Due"), name(dateTime(action.due_at))), action.note && fact(gettext("What is to be done"), name(action.note)), action.done_by && fact(gettext("Done by"), name(action.done_by))),
      isDone ? element("p", { class: "notice" }, gettext("Somebody else than who did the work inspects it again. If the item passes, the action is verified with the form.")) : null,
      element("label", { class: "field" }, gettext("Note"), note),
    ],
    foot: [
      element(
        "div",
        { class: "steps" },
        isDone ? element("button", { type: "button", class: "quiet", onclick: act("reopened") }, gettext("Not good: open again")) : element("span"),
        isDone && list ? element("button", { type: "button", class: "main", id: "inspect", onclick: inspect }, gettext("Inspect again")) : null,
        isDone ? null : element("button", { type: "button", class: "main", id: "done", onclick: act("done") }, gettext("The work is done")),
      ),
    ],
  };
}

const fact = (label, value) => element("div", {}, element("dt", {}, label), element("dd", {}, value));

// A form in which an item passes whose repair somebody else has reported as done verifies that repair.
export async function verifyWith(app, form, list) {
  for (const action of app.mine?.actions ?? []) {
    const isProof = action.checklist === list.id && form.answers[action.item]?.result === "pass";
    if (isProof && action.state === "done" && action.done_by !== app.mine.person) {
      await report(app, action, "verified", { inspection: form.inspection });
    }
  }
}
