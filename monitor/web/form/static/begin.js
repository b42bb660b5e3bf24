// Begins a form, at its first item or at another.
import { newForm } from "./draft.js";
import { newKey } from "./key.js";

// Returns where to go on.
export async function begin(app, list, item = list.items[0].id) {
  const { account, person } = app.mine;
  const key = newKey();
  await app.store.keep(newForm(list, { account, person: person || account, key, now: Date.now() }));
  navigator.storage?.persist?.();
  return `#/form/${key}/item/${encodeURIComponent(item)}`;
}
