// The photos of one answer: taken, shown small, taken away again.
import { element } from "./element.js";
import { digestOf } from "./freeze.js";
import { PhotoUnusable, reduced } from "./photo.js";
import { trouble } from "./frame.js";
import { gettext, ngettext } from "./texts.js";

const MOST = 8;

export function photoPart(app, item, update) {
  const { draft } = app;
  const digests = () => draft.answerTo(item.id).photos ?? [];
  const shown = element("ul", { class: "photos" });
  const count = element("span", { class: "n" });
  const input = element("input", { type: "file", id: "photo", class: "hidden", accept: "image/jpeg", onchange: () => take(input.files[0]) });
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
      show();
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
  throw error;
}

// A full phone forgets the photos that the server has, and tries once more.
export async function keep(store, photo) {
  try {
    await store.keepPhoto(photo);
  } catch (error) {
    if (error.name !== "QuotaExceededError") {
      throw error;
    }
    for (const { sha256, sent } of await store.photos()) {
      if (sent) {
        await store.removePhoto(sha256);
      }
    }
    await store.keepPhoto(photo);
  }
}
