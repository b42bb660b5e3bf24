// The states of a form, and what leads from one to the next. Nothing here reads a clock, a network or a store.
const LONGEST_PAUSE_MS = 300_000;
const LONGEST_EXPONENT = 9;

const NEXT = {
  draft: { finish: "queued", discard: "binned" },
  queued: { send: "sending" },
  sending: { accept: "accepted", refuse: "refused", wait: "queued" },
  refused: { retry: "queued", correct: "binned", discard: "binned" },
  accepted: {},
  binned: { restore: "draft" },
};

function moved(form, act, changes) {
  const state = NEXT[form.state][act];
  return state ? { ...form, ...changes, state } : null;
}

// How long a form waits after so many tries in vain: twice as long each time, at most five minutes.
export const pause = (tries, random) =>
  Math.min(1000 * 2 ** Math.min(tries, LONGEST_EXPONENT), LONGEST_PAUSE_MS) * (0.5 + random / 2);

// Freeze the body: from now on its bytes, its time and its digest stay as they are, however often it is sent.
export const finish = (form, { body, at, digest, finished_at }) =>
  moved(form, "finish", { body, at, digest, finished_at, tries: 0, next_at: 0, waits_for: "network" });

export const discard = (form, now) => moved(form, "discard", { binned_at: now });

export const restore = (form) => moved(form, "restore", { binned_at: null });

export const send = (form) => moved(form, "send", {});

// The browser was closed while it was being sent: whether it arrived is for the next answer to tell.
export const recover = (form) => moved(form, "wait", { next_at: 0 });

export const retry = (form) => moved(form, "retry", { refusal: null, tries: 0, next_at: 0, waits_for: "network" });

// The answers of a form as a new draft with a key of its own.
function again(form, key, now, revision) {
  const { body, at, digest, finished_at, tries, next_at, waits_for, receipt, accepted_at, ...kept } = form;
  return { ...kept, key, revision, state: "draft", corrects: form.key, changed_at: now };
}

// A refused form as a new draft, and the old one, which goes to the bin. Where somebody else was faster with a
// correction, the new draft rests on theirs.
export function correct(form, key, now) {
  const binned = moved(form, "correct", { binned_at: now });
  const revision = form.refusal?.newer ? form.refusal.newer.revision + 1 : form.revision;
  return binned && { binned, draft: again(form, key, now, revision) };
}

// A received form as a new draft, which will be its next revision; the received one stays.
export const amend = (form, key, now) => (form.state === "accepted" ? again(form, key, now, form.revision + 1) : null);

// What an answer makes of a form that was being sent.
export function answered(form, verdict, now, random) {
  switch (verdict.kind) {
    case "accepted":
      return moved(form, "accept", { receipt: verdict.receipt, accepted_at: now, waits_for: null });
    case "refused":
      return moved(form, "refuse", { refusal: verdict.refusal, waits_for: null });
    case "wait": {
      const tries = form.tries + 1;
      return moved(form, "wait", { tries, next_at: now + pause(tries, random), waits_for: verdict.waits_for });
    }
    default:
      throw new TypeError(`no such verdict: ${verdict.kind}`);
  }
}

// The forms that may be sent now, in the order in which they were finished, single answers first; a refused one, or
// one that waits after a try, holds up nobody.
export const due = (forms, account, now) =>
  forms
    .filter((form) => form.state === "queued" && form.account === account && form.next_at <= now)
    .sort((a, b) => Number(b.kind === "item") - Number(a.kind === "item") || a.at.localeCompare(b.at));
