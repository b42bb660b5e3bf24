// The photos of one answer: taken, shown small, taken away again.
import { element } from "./element.js";
import { digestOf } from "./freeze.js";
import { PhotoUnusable, reduced } from "./photo.js";
import { trouble } from "./frame.js";
import { gettext, ngettext } from "./texts.js";

const MOST = 8;
const RESERVE = 1_000_000; // bytes: some hundred forms without photos

let taking = Promise.resolve();

// Until the photos that are being made small are kept: a form is not finished without them.
export const whenTaken = () => taking;

export function photoPart(app, draft, item, update) {
  const digests = () => draft.answerTo(item.id).photos ?? [];
  const shown = element("ul", { class: "photos" });
  const count = element("span", { class: "n" });
  const input = element("input", { type: "file", id: "photo", class: "hidden", accept: "image/jpeg", onchange: () => (taking = Promise.all([taking, take(input.files[0])])) });
  input.setAttribute("capture", "environment");
  show();
  if (!crypto.subtle) {
    return element("p", { class: "dim" }, gettext("Photos need HTTPS."));
  }
  return element("div", { class: "evidence" }, element("label", { class: "button" }, input, gettext("Take a photo"), " ", count), element("small", {}, gettext("No faces, if you can avoid it.")), shown);

  async function take(file) {
    input.value = "";
    trouble("");
    if (!file) {
      return;
    }
    if (digests().length >= MOST) {
      trouble(ngettext("No more than {n} photo an item.", "No more than {n} photos an item.", MOST));
      return;
    }
    try {
      const bytes = await reduced(file);
      const sha256 = await digestOf(bytes);
      await keep(app.store, { sha256, inspection: draft.form.inspection, item: item.id, bytes: bytes.buffer, sent: false, taken_at: Date.now() });
      update({ photos: [...new Set([...digests(), sha256])] });
      await draft.flush();
      await show();
    } catch (error) {
      trouble(words(error));
    }
  }

  async function show() {
    const photos = await Promise.all(digests().map((sha256) => app.store.photo(sha256)));
    count.textContent = photos.length ? String(photos.length) : "";
    shown.replaceChildren(...photos.filter(Boolean).map(thumbnail));
  }

  function thumbnail({ sha256, bytes }, n) {
    const url = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
    const remove = () => {
      update({ photos: digests().filter((each) => each !== sha256) });
      app.store.removePhoto(sha256);
      show();
    };
    const picture = element("img", { src: url, alt: gettext("Photo {n}", { n: n + 1 }), onload: () => URL.revokeObjectURL(url) });
    return element("li", {}, picture, element("button", { type: "button", "aria-label": gettext("Take photo {n} away", { n: n + 1 }), onclick: remove }, "✕"));
  }
}

function words(error) {
  if (error instanceof PhotoUnusable) {
    return gettext("This is no photo that can be used. Take it again as JPEG.");
  }
  if (error.name === "QuotaExceededError") {
    return gettext("This phone is full: the photo is not kept, your answers are.");
  }
  return gettext("The photo is not kept: {reason}", { reason: error.message });
}

// A photo never takes the last room: without it, answers could neither be kept nor sent.
async function keep(store, photo) {
  if (!(await hasRoom(photo)) && !(await store.forgetSent())) {
    throw new DOMException("", "QuotaExceededError");
  }
  await store.keepPhoto(photo);
}

// A browser that does not tell how much it keeps says so when it is too much.
async function hasRoom({ bytes }) {
  const { quota = Infinity, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  return quota - usage >= bytes.byteLength + RESERVE;
}
