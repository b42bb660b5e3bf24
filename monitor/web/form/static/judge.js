// What an answer counts for: whether an item is asked at all, passed or failed, and what is still missing.
export const isMeasured = (item) => item.kind === "measurement";

// An item is asked if the one that it depends on was asked, and answered in that way.
export function isAsked(item, list, answers) {
  if (!item.ask_if) {
    return true;
  }
  const other = list.items.find((each) => each.id === item.ask_if.item);
  const answer = answers[item.ask_if.item];
  return Boolean(other && answer && isAsked(other, list, answers) && [answer.result, answer.choice].includes(item.ask_if.is));
}

// A signature is no question: it is given over the whole form, when it is finished.
export const asked = (list, answers) => list.items.filter((item) => item.kind !== "signature" && isAsked(item, list, answers));

export function isWithin(item, value) {
  return (item.min == null || value >= item.min) && (item.max == null || value <= item.max);
}

const FIELDS = { measurement: "value", choice: "choice", text: "text", asset: "asset" };

// The field of an answer that an item of its kind needs beside the result; of most, none.
export const fieldOf = (item) => FIELDS[item.kind] ?? "";

const isEmpty = (value) => value === undefined || value === null || `${value}`.trim() === "";

// What is missing of an answer: "answer", "value", "choice", "text", "asset", "reason", "photo" or "".
export function missing(item, answer) {
  if (!answer?.result) {
    return "answer";
  }
  if (answer.result === "na") {
    return isEmpty(answer.na_reason) ? "reason" : "";
  }
  if (fieldOf(item) && isEmpty(answer[fieldOf(item)])) {
    return fieldOf(item);
  }
  const isBare = !answer.photos?.length;
  return (item.evidence_on_fail && answer.result === "fail" && isBare) || (item.kind === "photo" && isBare) ? "photo" : "";
}

export const isComplete = (item, answer) => missing(item, answer) === "";

export function progress(list, answers) {
  const items = asked(list, answers);
  return { done: items.filter((item) => isComplete(item, answers[item.id])).length, of: items.length };
}

export const incomplete = (list, answers) => asked(list, answers).filter((item) => !isComplete(item, answers[item.id]));
