// How far the phone's clock is from the server's, and whether that is known well enough.
const OLDEST_MS = 24 * 3600_000;
const JUMP_MS = 120_000;

// One exchange with the server: its time, and when by our clock the request left and the answer came.
export const measured = (serverTime, left, came, steady) => ({
  offset: Date.parse(serverTime) - (left + came) / 2,
  at: came,
  steady,
});

export const corrected = (now, sample) => now + (sample?.offset ?? 0);

// The wall clock against one that nobody sets. It may stand still while the phone sleeps: then this is a false alarm,
// and an alarm is only shown, never a reason to refuse a form.
export const hasJumped = (sample, now, steady) =>
  sample.steady !== null && steady !== null && steady >= sample.steady && Math.abs(now - sample.at - (steady - sample.steady)) > JUMP_MS;

export function device(id, sample, now, steady) {
  if (!sample) {
    return { id, offset_s: 0, offset_age_s: null, clock_uncertain: true };
  }
  const age = now - sample.at;
  return {
    id,
    offset_s: Math.round(sample.offset / 100) / 10,
    offset_age_s: Math.max(0, Math.round(age / 1000)),
    clock_uncertain: age < 0 || age > OLDEST_MS || hasJumped(sample, now, steady),
  };
}
