// What must be done about an item that failed: who leads, who takes part, and by when.
import { element, name } from "./element.js";
import { gettext } from "./texts.js";

const HOURS = [
  [1, () => gettext("in 1 hour")],
  [4, () => gettext("in 4 hours")],
  [24, () => gettext("in 24 hours")],
];

export function actionPart(app, draft, list, item) {
  const part = element("section", { class: "action", "data-if": "fail", hidden: true, "aria-label": gettext("Corrective action") });
  fill();
  return part;

  function fill() {
    const action = draft.actionFor(item.id);
    part.replaceChildren(...(action ? fields(action) : [element("button", { type: "button", id: "act", onclick: begin }, gettext("Add a corrective action"))]));
  }

  function begin() {
    const due = new Date(Date.now() + 4 * 3600_000).toISOString();
    draft.act(item.id, { lead: list.lead.id, coordinating: list.coordinating.map((agency) => agency.id), due_at: due, note: "" });
    fill();
    part.querySelector("select").focus();
  }

  function change(changes, options) {
    draft.act(item.id, { ...draft.actionFor(item.id), ...changes }, options);
  }

  function fields(action) {
    const agencies = known(app, list);
    const lead = element("select", { id: "lead", onchange: (event) => change({ lead: event.target.value }) });
    lead.append(...agencies.map(({ id, name: text }) => element("option", { value: id, selected: id === action.lead }, text)));
    const take = (id, isIn) => change({ coordinating: [...draft.actionFor(item.id).coordinating.filter((each) => each !== id), ...(isIn ? [id] : [])] });
    const others = agencies.map(({ id, name: text }) =>
      element("label", { class: "option" }, element("input", { type: "checkbox", checked: action.coordinating.includes(id), onchange: (event) => take(id, event.target.checked) }), name(text)),
    );
    const hours = HOURS.map(([n, words]) => {
      const due = () => new Date(Date.now() + n * 3600_000).toISOString();
      return element("button", { type: "button", "aria-pressed": String(isAbout(action.due_at, n)), onclick: (event) => (change({ due_at: due() }), press(event.target)) }, words());
    });
    return [
      element("h3", {}, gettext("Corrective action")),
      element("label", { class: "field" }, gettext("Lead agency"), lead),
      element("details", {}, element("summary", {}, gettext("Coordinating agencies")), others),
      element("div", { class: "choices", role: "group", "aria-label": gettext("Due") }, hours),
      element("label", { class: "field" }, gettext("What is to be done"), element("textarea", { rows: 2, dir: "auto", maxLength: 2000, value: action.note, oninput: (event) => change({ note: event.target.value }, { soon: true }) })),
      element("button", { type: "button", class: "quiet", onclick: () => (draft.act(item.id, null), fill()) }, gettext("No action")),
    ];
  }
}

function press(button) {
  for (const each of button.parentElement.children) {
    each.setAttribute("aria-pressed", String(each === button));
  }
}

const isAbout = (due, hours) => Math.abs(Date.parse(due) - Date.now() - hours * 3600_000) < 600_000;

function known(app, list) {
  const all = [list.lead, ...list.coordinating, ...(app.mine?.agencies ?? [])];
  return [...new Map(all.filter(Boolean).map((agency) => [agency.id, agency])).values()];
}
