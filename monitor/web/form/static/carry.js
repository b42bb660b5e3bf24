// Carries the answers of a draft over to the present version of its checklist: those to questions that ask the same.
import { newForm } from "./draft.js";

// Translations, criticality and references may differ: they don't change what an answer means.
const meaning = (item) =>
  JSON.stringify([item.kind, Object.values(item.text)[0], item.unit, item.min, item.max, item.choices?.map((each) => [each.id, Object.values(each.text)[0]]), item.ask_if, item.other_than]);

export const isSame = (item, other) => Boolean(item && other) && meaning(item) === meaning(other);

// The questions of the present version that have to be answered anew.
export const changedItems = (before, now) => now.items.filter((item) => !isSame(item, before.items.find((each) => each.id === item.id)));

export function carried(form, before, now, key, at) {
  const changed = new Set(changedItems(before, now).map((item) => item.id));
  const stays = ([id]) => now.items.some((item) => item.id === id) && !changed.has(id);
  const kept = (rows) => Object.fromEntries(Object.entries(rows).filter(stays));
  const { account, person, inspection, revision, started_at } = form;
  return { ...newForm(now, { account, person, key, now: at }), inspection, revision, started_at, answers: kept(form.answers), actions: kept(form.actions) };
}
