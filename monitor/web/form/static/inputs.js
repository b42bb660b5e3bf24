// The input of an item by its kind: a measured value, a choice, a text, or the code of an asset.
import { element, ltr, name } from "./element.js";
import { isWithin } from "./judge.js";
import { numberOf } from "./number.js";
import { scanPart } from "./scan.js";
import { unitOf } from "./units.js";
import { gettext, named, number } from "./texts.js";

export function inputOf(item, answer, update) {
  switch (item.kind) {
    case "measurement":
      return measurement(item, answer, update);
    case "choice":
      return choice(item, answer, update);
    case "text":
      return typed(gettext("Text"), "text", answer, update);
    case "asset":
      return asset(answer, update);
    default:
      return null;
  }
}

function range(item) {
  const [min, max] = [item.min, item.max].map((limit) => (limit == null ? null : number(limit)));
  if (min !== null && max !== null) {
    return `${min} – ${max}`;
  }
  return min !== null ? `≥ ${min}` : max !== null ? `≤ ${max}` : "";
}

function measurement(item, answer, update) {
  const words = element("p", { id: "value-words", class: "judged", role: "status" });
  const unit = unitOf(item.unit);
  const field = element("input", {
    type: "text",
    id: "value",
    inputMode: "decimal",
    autocomplete: "off",
    dir: "ltr",
    value: answer.typed ?? "",
    "aria-describedby": "value-words",
    oninput: () => take({ soon: true }),
  });
  const set = (value, typed, options) => {
    const isGood = isWithin(item, value);
    words.className = `judged ${isGood ? "" : "bad"}`;
    words.replaceChildren(isGood ? "" : gettext("Out of range: this counts as failed."));
    update({ value, typed, result: isGood ? "pass" : "fail" }, options);
  };
  const take = (options) => {
    const found = numberOf(field.value);
    if ("value" in found) {
      set(found.value, field.value, options);
      return;
    }
    update({ value: null, typed: field.value, result: null }, options);
    words.className = "judged";
    words.replaceChildren(...(found.either ? ask(found.either) : [field.value.trim() ? gettext("Write a number, such as 8.1.") : ""]));
  };
  const ask = (both) => [
    gettext("Which one do you mean?"),
    element("span", { class: "choices" }, both.map((value) => element("button", { type: "button", onclick: () => set(value, field.value) }, ltr(`${number(value)} ${unit}`)))),
  ];
  if (answer.value != null && !isWithin(item, answer.value)) {
    words.className = "judged bad";
    words.append(gettext("Out of range: this counts as failed."));
  }
  return element(
    "div",
    { class: "field" },
    element("label", { htmlFor: "value" }, gettext("Measured value")),
    element("div", { class: "measured" }, field, ltr(unit), range(item) && element("span", { class: "range" }, ltr(`${range(item)} ${unit}`))),
    words,
  );
}

function choice(item, answer, update) {
  const rows = item.choices.map((each) => {
    const radio = element("input", { type: "radio", name: "choice", value: each.id, checked: answer.choice === each.id, onchange: () => update({ choice: each.id, result: "pass" }) });
    return element("label", { class: "option" }, radio, name(named(each.text)));
  });
  return element("fieldset", { class: "options" }, element("legend", {}, gettext("Choose")), rows);
}

function asset(answer, update) {
  const field = typed(gettext("Code of the asset"), "asset", answer, update);
  const scan = scanPart(({ zone, asset: own }) => {
    field.querySelector("input").value = own || zone;
    update({ asset: own || zone, result: "pass" });
  });
  return element("div", {}, field, scan);
}

function typed(label, field, answer, update) {
  return element(
    "label",
    { class: "field" },
    label,
    element("input", {
      type: "text",
      id: field,
      dir: "auto",
      maxLength: 500,
      autocomplete: "off",
      value: answer[field] ?? "",
      oninput: (event) => update({ [field]: event.target.value, ...(event.target.value.trim() ? { result: "pass" } : { result: null }) }, { soon: true }),
    }),
  );
}
