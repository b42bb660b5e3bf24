// Forms of others that wait for this person's approval: what was answered, and the decision about it.
import { element, ltr, name } from "./element.js";
import { pressed } from "./press.js";
import { enqueue } from "./queued.js";
import { MARKS, RESULTS } from "./results.js";
import { unitOf } from "./units.js";
import { dateTime, gettext, named, ngettext, number } from "./texts.js";

const SETTLED_MS = 4000; // by then the monitor's list shows a decision

// What was decided from this phone and the monitor's list does not show yet.
function isDecided(waiting, app, forms) {
  const own = forms.filter((form) => form.kind === "decision" && form.inspection === waiting.inspection && form.revision === waiting.revision);
  return own.some((form) => ["queued", "sending"].includes(form.state) || (form.state === "accepted" && form.accepted_at > app.mine.at - SETTLED_MS));
}

export function decisionsPart(app, forms) {
  const waiting = (app.mine?.waiting ?? []).filter((each) => !isDecided(each, app, forms));
  if (!waiting.length) {
    return null;
  }
  const row = (each) => {
    const failed = each.answers.filter((answer) => answer.result === "fail").length;
    return element(
      "li",
      {},
      element(
        "a",
        { class: "card", href: `#/decide/${encodeURIComponent(each.inspection)}` },
        element("span", { class: "name" }, name(named(each.name)), element("small", {}, name(each.zone), " · ", name(each.by))),
        element("span", { class: "when" }, failed ? element("strong", { class: "bad" }, ngettext("{n} failed", "{n} failed", failed)) : gettext("all passed"), element("small", {}, name(dateTime(each.finished_at)))),
      ),
    );
  };
  return element("section", { class: "section" }, element("h2", {}, gettext("To be approved"), " ", element("span", { class: "n" }, String(waiting.length))), element("ul", { class: "cards" }, waiting.map(row)));
}

export async function decisionPage(app, inspection) {
  const waiting = app.mine?.waiting?.find((each) => each.inspection === inspection);
  if (!waiting) {
    return { instead: "#/" };
  }
  const note = element("textarea", { id: "note", rows: 2, dir: "auto", maxLength: 2000 });
  const lacks = element("p", { id: "lacks", class: "lacks", role: "status" });
  const act = (verdict) =>
    pressed(app, async () => {
      if (verdict === "reject" && !note.value.trim()) {
        lacks.textContent = gettext("Say why you reject it.");
        note.focus();
        return undefined;
      }
      await decide(app, waiting, verdict, note.value.trim());
      return "#/";
    });
  return {
    title: named(waiting.name),
    heading: element("span", {}, name(named(waiting.name)), element("small", {}, name(waiting.zone))),
    back: "#/",
    body: [
      element("p", {}, name(waiting.by), ", ", name(dateTime(waiting.finished_at)), waiting.revision > 1 ? [", ", gettext("revision {n}", { n: waiting.revision })] : null),
      element("ul", { class: "cards items" }, waiting.answers.map(answerPart)),
      element("label", { class: "field" }, gettext("Note"), note),
      lacks,
    ],
    foot: [
      element(
        "div",
        { class: "steps" },
        element("button", { type: "button", class: "quiet", id: "reject", onclick: act("reject") }, gettext("Reject")),
        element("button", { type: "button", class: "main", id: "approve", onclick: act("approve") }, gettext("Approve")),
      ),
    ],
  };
}

function answerPart(answer) {
  const value = answer.value == null ? "" : ltr(`${number(answer.value)} ${unitOf(answer.unit)}`);
  const photos = answer.photos.map((sha256, n) => element("li", {}, element("img", { src: `/api/v1/photos/${sha256}`, alt: gettext("Photo {n}", { n: n + 1 }), loading: "lazy" })));
  return element(
    "li",
    {},
    element(
      "div",
      { class: "card" },
      element("span", { class: `mark ${answer.result}`, role: "img", "aria-label": RESULTS[answer.result]?.() ?? answer.result }, MARKS[answer.result] ?? "?"),
      element("span", { class: "name" }, name(named(answer.text)), answer.note && element("small", {}, name(answer.note)), photos.length ? element("ul", { class: "photos" }, photos) : null),
      value && element("span", { class: "when" }, value),
    ),
  );
}

// It names the revision that was looked at: one that was corrected meanwhile is looked at again.
async function decide(app, waiting, verdict, note) {
  const { account, person } = app.mine;
  const { inspection, revision } = waiting;
  const about = { kind: "decision", act: verdict, inspection, revision, text: waiting.name };
  await enqueue(app.store, { account, person: person || account }, about, ({ key }) => JSON.stringify({ key, revision, note }));
  app.synchronise();
  setTimeout(app.settle, SETTLED_MS);
}
