// Sends what waits, one form after the other, from one page of the browser at a time.
import { isNetworkGone, request } from "./contact.js";
import { answered, due, recover, send } from "./queue.js";
import { verdictOf } from "./verdict.js";

const LOCK = "vm-send";

// Over plain HTTP there are no locks; then the server's memory of keys alone keeps a form from counting twice.
const alone = (act) => (navigator.locks ? navigator.locks.request(LOCK, act) : act());

const PLACES = {
  decision: ({ inspection, act }) => ["POST", `/api/v1/inspections/${encodeURIComponent(inspection)}/${act}`],
  form: ({ key }) => ["PUT", `/api/v1/inspections/${key}`],
  item: ({ key }) => ["PUT", `/api/v1/items/${key}`],
  action: ({ action, act }) => ["POST", `/api/v1/actions/${encodeURIComponent(action)}/${act}`],
};

async function verdict(form) {
  try {
    const headers = { "content-type": "application/json", "form-account": form.account };
    const [method, address] = PLACES[form.kind](form);
    return await verdictOf(await request(address, { method, body: form.body, headers }), form);
  } catch (error) {
    if (isNetworkGone(error)) {
      return { kind: "wait", waits_for: "network" };
    }
    throw error;
  }
}

// What ends a round: without a network or a session, the next form would fare no better.
const ENDS = new Set(["network", "sign-in", "portal"]);

// Send all that are due for an account; `now` counts for the pauses, and `Infinity` ignores them.
export const sendAll = (store, account, { now = Date.now(), onChange = () => {} } = {}) =>
  alone(async () => {
    for (const form of await store.forms()) {
      if (form.state === "sending") {
        await store.change(form.key, recover);
      }
    }
    for (const { key } of due(await store.forms(), account, now)) {
      const form = await store.change(key, (row) => (row?.state === "queued" ? send(row) : null));
      if (form?.state !== "sending") {
        continue;
      }
      onChange();
      const found = await verdict(form);
      await store.change(key, (row) => answered(row, found, Date.now(), Math.random()));
      onChange();
      if (found.kind === "wait" && ENDS.has(found.waits_for)) {
        break;
      }
    }
  });
