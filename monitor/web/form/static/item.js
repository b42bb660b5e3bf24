// One item of a form: what is asked, what was found the last time, the answer, a note, photos, and what must be done.
import { actionPart } from "./action.js";
import { Draft } from "./draft.js";
import { element, ltr, name } from "./element.js";
import { inputOf } from "./inputs.js";
import { asked, missing, progress } from "./judge.js";
import { photoPart, whenTaken } from "./photos.js";
import { answeredBy } from "./present.js";
import { pressed } from "./press.js";
import { sendItem } from "./critical.js";
import { trouble } from "./frame.js";
import { unitOf } from "./units.js";
import { dateTime, gettext, named, number } from "./texts.js";

const RESULTS = [
  ["pass", "✓", () => gettext("Pass")],
  ["fail", "✕", () => gettext("Fail")],
  ["na", "–", () => gettext("n/a")],
];
export const MISSING = {
  answer: () => gettext("Not answered yet."),
  value: () => gettext("The measured value is missing."),
  choice: () => gettext("Nothing is chosen yet."),
  text: () => gettext("The text is missing."),
  asset: () => gettext("The code of the asset is missing."),
  reason: () => gettext("Say why it does not apply."),
  photo: () => gettext("A photo is required here."),
};
const CRITICALITY = {
  impairment: () => gettext("impairment: the zone closes if it fails"),
  critical: () => gettext("critical"),
};

export async function itemPage(app, key, id) {
  const form = await app.store.form(key);
  const list = form && (await app.store.list(answeredBy(form)));
  const item = list?.items.find((each) => each.id === id);
  if (!item || form.state !== "draft") {
    return { instead: form ? `#/form/${key}` : "#/" };
  }
  const isOpen = app.draft?.form.key === key;
  const draft = isOpen ? app.draft : new Draft(app.store, form, { onTrouble: (error) => trouble(fault(error)) });
  return { ...page(app, draft, list, item), draft };
}

function fault(error) {
  return error.name === "QuotaExceededError"
    ? gettext("This phone is full: the last answer is not kept. Free some space, then change the answer again.")
    : gettext("The last answer is not kept: {reason}", { reason: error.message });
}

function page(app, draft, list, item) {
  const answer = draft.answerTo(item.id);
  const update = (changes, options) => {
    draft.answer(item.id, changes, options);
    refresh();
  };
  const count = element("span", { class: "who" });
  const lacks = element("p", { id: "lacks", class: "lacks", role: "status" });
  const more = element("div", { class: "more" });
  const answers = element("div", { class: "answers", role: "group", "aria-label": gettext("Answer") });
  const input = inputOf(item, answer, update);

  function refresh() {
    const now = draft.answerTo(item.id);
    const { done, of } = progress(list, draft.form.answers);
    count.textContent = gettext("{done} of {of}", { done, of });
    const lack = now.result ? missing(item, now) : "";
    lacks.textContent = lack ? MISSING[lack]() : "";
    for (const button of answers.children) {
      button.setAttribute("aria-pressed", String(button.dataset.result === now.result));
    }
    more.querySelectorAll("[data-if]").forEach((part) => (part.hidden = part.dataset.if !== now.result));
  }

  answers.append(
    ...RESULTS.map(([result, mark, word]) =>
      element("button", { type: "button", class: result, "data-result": result, onclick: () => update({ result }) }, element("span", { "aria-hidden": "true" }, mark), " ", word()),
    ),
  );
  more.append(reasonPart(answer, update), notePart(answer, update), photoPart(app, draft, item, update), actionPart(app, draft, list, item));
  refresh();
  return {
    title: `${named(item.text)}`,
    heading: element("span", { class: "small" }, name(named(list.name)), " · ", name(named(list.zone.name))),
    back: `#/form/${draft.form.key}`,
    aside: count,
    body: [question(item), previousPart(list, item), input, lacks, more],
    foot: [answers, steps(app, draft, list, item)],
  };
}

function question(item) {
  const word = CRITICALITY[item.criticality]?.();
  return element(
    "div",
    { class: "question" },
    word && element("p", { class: `criticality ${item.criticality}` }, element("span", { "aria-hidden": "true" }, "◆ "), word),
    element("h2", { id: "question" }, name(named(item.text))),
    item.reference && element("small", {}, name(item.reference)),
  );
}

function previousPart(list, item) {
  const before = list.previous?.[item.id];
  if (!before) {
    return null;
  }
  const result = { pass: gettext("passed"), fail: gettext("did not pass"), na: gettext("did not apply") }[before.result] ?? before.result;
  const value = before.value == null ? "" : `${number(before.value)} ${unitOf(before.unit)}`;
  return element("p", { class: `previous ${before.result}` }, gettext("Last time:"), " ", result, value && [", ", ltr(value)], ", ", name(dateTime(before.at)), before.by && [", ", name(before.by)]);
}

function notePart(answer, update) {
  return element(
    "label",
    { class: "field" },
    gettext("Note"),
    element("textarea", { rows: 2, dir: "auto", maxLength: 2000, value: answer.note ?? "", oninput: (event) => update({ note: event.target.value }, { soon: true }) }),
  );
}

function reasonPart(answer, update) {
  const common = [gettext("not installed here"), gettext("not in use today"), gettext("not accessible")];
  const field = element("input", { type: "text", id: "reason", dir: "auto", maxLength: 500, autocomplete: "off", value: answer.na_reason ?? "", oninput: (event) => update({ na_reason: event.target.value }, { soon: true }) });
  const choose = (text) => {
    field.value = text;
    update({ na_reason: text });
  };
  return element(
    "div",
    { "data-if": "na", hidden: true },
    element("label", { class: "field" }, gettext("Why it does not apply"), field),
    element("div", { class: "choices" }, common.map((text) => element("button", { type: "button", onclick: () => choose(text) }, text))),
  );
}

function steps(app, draft, list, item) {
  const items = asked(list, draft.form.answers);
  const at = items.findIndex((each) => each.id === item.id);
  const to = (step) =>
    pressed(app, async () => {
      await whenTaken();
      await draft.flush();
      await sendItem(app, draft.form, item);
      const now = asked(list, draft.form.answers);
      const next = now[now.findIndex((each) => each.id === item.id) + step];
      return next ? `#/form/${draft.form.key}/item/${encodeURIComponent(next.id)}` : `#/form/${draft.form.key}`;
    });
  return element(
    "div",
    { class: "steps" },
    element("button", { type: "button", class: "quiet", disabled: at <= 0, onclick: to(-1) }, gettext("Previous")),
    element("button", { type: "button", class: "main", id: "next", onclick: to(1) }, gettext("Next")),
  );
}

