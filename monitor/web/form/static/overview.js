// A whole form: its items with what was answered, and the way to finish it; afterwards, what became of it.
import { carried, changedItems } from "./carry.js";
import { element, ltr, name } from "./element.js";
import { finishPart } from "./finish.js";
import { asked, isComplete, missing, progress } from "./judge.js";
import { newKey } from "./key.js";
import { whenTaken } from "./photos.js";
import { answeredBy, isPresent, nameOf } from "./present.js";
import { pressed } from "./press.js";
import { MISSING } from "./item.js";
import { MARKS, RESULTS } from "./results.js";
import { unitOf } from "./units.js";
import { lookAgain, outcome } from "./outcome.js";
import { amend, correct, discard, retry } from "./queue.js";
import { gettext, named, ngettext, number } from "./texts.js";

export async function formPage(app, key) {
  await whenTaken();
  await app.draft?.flush();
  const form = await app.store.form(key);
  const list = form && (await app.store.list(answeredBy(form)));
  if (!list) {
    return { instead: "#/" };
  }
  const now = await present(app, list);
  const photos = (await app.store.photos()).filter((photo) => photo.inspection === form.inspection);
  lookAgain(app, form, now);
  const isDraft = form.state === "draft";
  const { done, of } = progress(list, form.answers);
  return {
    title: named(list.name),
    heading: element("span", {}, name(named(list.name)), element("small", {}, name(named(list.zone.name)))),
    back: "#/",
    aside: element("span", { class: "who" }, gettext("{done} of {of}", { done, of })),
    body: [outcome(form, list, now, photos), retired(app, form, list, now), itemsPart(form, list), isDraft ? discardPart(app, form) : null],
    foot: isDraft ? [finishPart(app, form, list)] : [form.state === "refused" ? refusedPart(app, form) : null, form.state === "accepted" && form.kind === "form" ? amendPart(app, form) : null],
  };
}

async function present(app, list) {
  const lists = await app.store.lists();
  return lists.find((each) => each.id === list.id && isPresent(app.mine, nameOf(each)));
}

// The checklist is another one by now: finish the old one, or take over what has not changed.
function retired(app, form, list, now) {
  if (form.state !== "draft" || isPresent(app.mine, answeredBy(form))) {
    return null;
  }
  const words = element("p", {}, gettext("This checklist has changed since you began. You may finish it as it was."));
  if (!now) {
    return element("section", { class: "notice" }, words);
  }
  const carry = pressed(app, async () => {
    const at = Date.now();
    const draft = carried(form, list, now, newKey(), at);
    await app.store.keep(draft, discard(form, at));
    return `#/form/${draft.key}`;
  });
  const n = changedItems(list, now).length;
  return element(
    "section",
    { class: "notice" },
    words,
    element("p", {}, ngettext("{n} question is new or asks something else.", "{n} questions are new or ask something else.", n)),
    element("button", { type: "button", id: "carry", onclick: carry }, gettext("Carry over what is the same")),
  );
}

function itemsPart(form, list) {
  const row = (item, n) => {
    const answer = form.answers[item.id];
    const result = answer?.result && isComplete(item, answer) ? answer.result : "";
    const value = answer?.value != null ? ltr(`${number(answer.value)} ${unitOf(item.unit)}`) : "";
    const inside = [
      element("span", { class: `mark ${result}`, "aria-label": word(result, item, answer) , role: "img" }, MARKS[result] ?? String(n + 1)),
      element("span", { class: "name" }, name(named(item.text)), reasons(form, item)),
      value && element("span", { class: "when" }, value),
    ];
    const isOpen = form.state === "draft";
    return element("li", {}, isOpen ? element("a", { class: "card", href: `#/form/${form.key}/item/${encodeURIComponent(item.id)}` }, inside) : element("div", { class: "card" }, inside));
  };
  return element("ul", { class: "cards items" }, asked(list, form.answers).map(row));
}

// What somebody else's later correction says about an item, beside the answer here.
function newer(form, item) {
  const found = form.refusal?.newer?.items?.find((each) => each.item === item.id);
  const own = form.answers[item.id]?.result;
  return found && found.result !== own ? [element("small", { class: "bad" }, gettext("in the newer form:"), " ", word(found.result, item, found))] : [];
}

function reasons(form, item) {
  const found = (form.refusal?.items ?? []).filter((each) => each.item === item.id);
  return [...found.map((each) => element("small", { class: "bad" }, name(each.reason), " ", name(each.write ?? ""))), ...newer(form, item)];
}

const word = (result, item, answer) =>
  RESULTS[result]?.() ?? MISSING[missing(item, answer) || "answer"]();

function discardPart(app, form) {
  const act = pressed(app, async () => {
    await app.store.change(form.key, (row) => discard(row, Date.now()));
    return "#/";
  });
  return element("details", { class: "discard" }, element("summary", {}, gettext("Discard …")), element("p", {}, gettext("It is kept in the bin for 30 days.")), element("button", { type: "button", onclick: act }, gettext("Discard this form")));
}

function amendPart(app, form) {
  const change = pressed(app, async () => {
    const draft = amend(form, newKey(), Date.now());
    await app.store.keep(draft);
    return `#/form/${draft.key}`;
  });
  return element("button", { type: "button", id: "amend", class: "quiet", onclick: change }, gettext("Correct what was sent"));
}

function refusedPart(app, form) {
  const again = pressed(app, async () => {
    await app.store.change(form.key, retry);
    await app.settle({ isAsked: true });
  });
  const change = pressed(app, async () => {
    const now = await app.store.form(form.key);
    const { binned, draft } = correct(now, newKey(), Date.now());
    await app.store.keep(draft, binned);
    return `#/form/${draft.key}`;
  });
  return element(
    "div",
    { class: "steps" },
    element("button", { type: "button", class: "quiet", onclick: again }, gettext("Try again")),
    element("button", { type: "button", class: "main", id: "correct", onclick: change }, gettext("Correct")),
  );
}
