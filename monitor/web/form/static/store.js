// What the phone keeps: checklists, forms, photos and what was measured of the server, in IndexedDB.
import { openDB } from "./idb.js";
import { nameOf } from "./present.js";

const NAME = "vm";
const STRICT = { durability: "strict" }; // Browsers by default report a write before it is on the disk.
const STATES = ["draft", "queued", "sending", "refused", "accepted", "binned"];
const KINDS = ["form", "item", "action", "decision"];

// One function for each version of the database. They only add: an older page may still have it open.
export const STEPS = [
  (db) => {
    db.createObjectStore("lists", { keyPath: "digest" });
    db.createObjectStore("forms", { keyPath: "key" });
    db.createObjectStore("photos", { keyPath: "sha256" });
    db.createObjectStore("meta", { keyPath: "name" });
  },
];

const isBegun = (row) =>
  typeof row?.key === "string" && KINDS.includes(row.kind) && STATES.includes(row.state) && typeof row.answers === "object" && row.answers !== null && typeof row.started_at === "string";

// What is to be sent has its bytes and its time.
const isFrozen = ({ body, at }) => typeof body === "string" && typeof at === "string";

export const isForm = (row) => isBegun(row) && (["draft", "binned"].includes(row.state) || isFrozen(row));

export class Store {
  #opening = null;
  #onBlocked;
  #name;
  #steps;

  // `steps` make the versions of the database `name`, one each.
  constructor({ onBlocked = () => {}, name = NAME, steps = STEPS } = {}) {
    this.#onBlocked = onBlocked;
    this.#name = name;
    this.#steps = steps;
  }

  #open() {
    this.#opening ??= openDB(this.#name, this.#steps.length, {
      upgrade: (db, from) => {
        this.#steps.slice(from).forEach((step) => step(db));
      },
      blocked: () => this.#onBlocked(),
      blocking: (_, __, event) => event.target.close(),
      terminated: () => (this.#opening = null),
    }).catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  // What was asked for is done again once there is room, and once a database is open again that the phone has closed.
  async #with(act) {
    try {
      return await act(await this.#open());
    } catch (error) {
      if (error.name === "InvalidStateError") {
        this.#opening = null;
      } else if (error.name !== "QuotaExceededError" || !(await this.forgetSent())) {
        throw error;
      }
      return act(await this.#open());
    }
  }

  // Make room by the photos that the server has; return whether there was any.
  async forgetSent() {
    const db = await this.#open();
    const sent = (await db.getAll("photos")).filter((photo) => photo.sent);
    await Promise.all(sent.map(({ sha256 }) => db.delete("photos", sha256)));
    return sent.length > 0;
  }

  // Read and write one row in one transaction; `change` returns the new row, or null to leave it as it is.
  #change(name, key, change) {
    return this.#with(async (db) => {
      const transaction = db.transaction(name, "readwrite", STRICT);
      const before = await transaction.store.get(key);
      const after = change(before);
      if (after) {
        await transaction.store.put(after);
      }
      await transaction.done;
      return after ?? before;
    });
  }

  change(key, change) {
    return this.#change("forms", key, change);
  }

  // Replace several forms at once: all of them, or none.
  keep(...forms) {
    return this.#with(async (db) => {
      const transaction = db.transaction("forms", "readwrite", STRICT);
      await Promise.all(forms.map((form) => transaction.store.put(form)));
      await transaction.done;
    });
  }

  form(key) {
    return this.#with((db) => db.get("forms", key));
  }

  // The oldest first. What is no form, after a mishap, is left out here and kept: `rest` has it.
  async forms() {
    const rows = await this.#with((db) => db.getAll("forms"));
    return rows.filter(isForm).sort((a, b) => (a.at ?? a.started_at).localeCompare(b.at ?? b.started_at));
  }

  async rest() {
    const rows = await this.#with((db) => db.getAll("forms"));
    return rows.filter((row) => !isForm(row));
  }

  remove(key) {
    return this.#with((db) => db.delete("forms", key));
  }

  async list(name) {
    return (await this.lists()).find((list) => nameOf(list) === name);
  }

  // Those kept by earlier versions of the form lie there as they are, by their digest alone.
  async lists() {
    const rows = await this.#with((db) => db.getAll("lists"));
    const [older, own] = [rows.filter((row) => !row.list), rows.filter((row) => row.list).map((row) => row.list)];
    return [...new Map([...older, ...own].map((list) => [nameOf(list), list])).values()];
  }

  keepLists(lists) {
    return this.#with(async (db) => {
      const transaction = db.transaction("lists", "readwrite", STRICT);
      await Promise.all(lists.map((list) => transaction.store.put({ digest: nameOf(list), list })));
      await transaction.done;
    });
  }

  photo(sha256) {
    return this.#with((db) => db.get("photos", sha256));
  }

  photos() {
    return this.#with((db) => db.getAll("photos"));
  }

  keepPhoto(photo) {
    return this.#with(async (db) => {
      const transaction = db.transaction("photos", "readwrite", STRICT);
      await transaction.store.put(photo);
      await transaction.done;
    });
  }

  changePhoto(sha256, change) {
    return this.#change("photos", sha256, change);
  }

  removePhoto(sha256) {
    return this.#with((db) => db.delete("photos", sha256));
  }

  async meta(name) {
    return (await this.#with((db) => db.get("meta", name)))?.value;
  }

  setMeta(name, value) {
    return this.#change("meta", name, () => ({ name, value }));
  }
}
