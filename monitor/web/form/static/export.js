// The forms of this phone as one file, so that somebody can hand them over when no network comes back.
const VERSION = 1;

export async function contents(store) {
  const [forms, rest] = await Promise.all([store.forms(), store.rest()]);
  const kept = forms.filter((form) => form.state !== "accepted");
  return JSON.stringify({ format: "venue-monitor forms", version: VERSION, saved_at: new Date().toISOString(), forms: kept, unreadable: rest }, null, 1);
}

export async function saveAsFile(store) {
  const url = URL.createObjectURL(new Blob([await contents(store)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `forms-${new Date().toISOString().slice(0, 16).replaceAll(":", "")}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
