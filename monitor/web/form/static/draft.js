// A form while it is filled in: each answer is kept at once, and what is being typed after a short pause.
const PAUSE_MS = 300;

export const newForm = (list, { account, person, key, now }) => ({
  key,
  kind: "form",
  state: "draft",
  account,
  person,
  list: list.id,
  list_digest: list.digest,
  inspection: key,
  revision: 1,
  started_at: new Date(now).toISOString(),
  changed_at: now,
  answers: {},
  actions: {},
});

export class Draft {
  #store;
  #timer = 0;
  #touched = new Map();
  #saving = Promise.resolve();

  constructor(store, form, { onTrouble }) {
    this.#store = store;
    this.form = form;
    this.onTrouble = onTrouble;
  }

  answerTo = (item) => this.form.answers[item] ?? {};

  actionFor = (item) => this.form.actions[item] ?? null;

  // Change an answer; null takes a field away.
  answer(item, changes, { soon = false } = {}) {
    const after = { ...this.answerTo(item), ...changes, at: Date.now() };
    this.#set("answers", item, after, soon);
  }

  act(item, action, { soon = false } = {}) {
    this.#set("actions", item, action, soon);
  }

  #set(part, item, value, soon) {
    this.form = { ...this.form, [part]: { ...this.form[part], [item]: value } };
    this.#touched.set(`${part} ${item}`, { part, item, value });
    clearTimeout(this.#timer);
    if (soon) {
      this.#timer = setTimeout(() => this.flush(), PAUSE_MS);
    } else {
      this.flush();
    }
  }

  // Write what has changed. Only the answers that were given here: another page may give others.
  flush() {
    clearTimeout(this.#timer);
    const touched = [...this.#touched.values()];
    this.#touched.clear();
    if (touched.length) {
      this.#saving = this.#saving.then(() => this.#write(touched));
    }
    return this.#saving;
  }

  async #write(touched) {
    try {
      await this.#store.change(this.form.key, (row) => (row?.state === "draft" ? merged(row, touched) : null));
    } catch (error) {
      touched.forEach((each) => this.#touched.set(`${each.part} ${each.item}`, each));
      this.onTrouble(error);
    }
  }
}

function merged(row, touched) {
  const after = { ...row, changed_at: Date.now(), answers: { ...row.answers }, actions: { ...row.actions } };
  for (const { part, item, value } of touched) {
    after[part][item] = value;
  }
  return after;
}
