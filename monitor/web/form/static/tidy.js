// Takes from the phone what nobody needs there any more: sent forms after a week, the bin after a month.
const SENT_MS = 7 * 24 * 3600_000;
const BIN_MS = 30 * 24 * 3600_000;

export async function tidy(store, now) {
  const [forms, photos] = await Promise.all([store.forms(), store.photos()]);
  const owed = new Set(photos.filter((photo) => !photo.sent).map((photo) => photo.inspection));
  const isOver = (form) =>
    (form.state === "accepted" && now - form.accepted_at > SENT_MS && !owed.has(form.inspection)) || (form.state === "binned" && now - form.binned_at > BIN_MS);
  const [gone, kept] = [forms.filter(isOver), forms.filter((form) => !isOver(form))];
  for (const form of gone) {
    await store.remove(form.key);
  }
  const inspections = new Set(kept.map((form) => form.inspection));
  for (const { sha256, inspection } of photos) {
    if (!inspections.has(inspection)) {
      await store.removePhoto(sha256);
    }
  }
}
