// Reads a label with the camera; where there is none, its code is typed.
import { element } from "./element.js";
import { codeIn, labelOf } from "./label.js";
import { gettext } from "./texts.js";

const EVERY_MS = 250;
const LONGEST_EDGE = 800;

export function scanPart(onLabel) {
  const place = element("div", { class: "scan" });
  const open = element("button", { type: "button", class: "wide", onclick: () => start(place, onLabel, open) }, gettext("Scan a label"));
  place.append(open);
  return place;
}

async function start(place, onLabel, open) {
  const video = element("video", { muted: true, playsInline: true });
  const words = element("p", { role: "status" }, gettext("Hold the code before the camera."));
  const code = element("input", { type: "text", id: "code", dir: "ltr", autocomplete: "off", autocapitalize: "off" });
  let stream = null;
  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    place.replaceChildren(open);
    open.focus();
  };
  const take = (text) => {
    const label = labelOf(text);
    if (!label) {
      words.textContent = gettext("This is no label of ours.");
      return;
    }
    stop();
    onLabel(label);
  };
  const form = element("form", { class: "measured", onsubmit: (event) => (event.preventDefault(), take(code.value)) }, element("label", { class: "field" }, gettext("Code below the label"), code), element("button", {}, gettext("Go on")));
  place.replaceChildren(video, words, form, element("button", { type: "button", class: "quiet", onclick: stop }, gettext("Close")));
  code.focus();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (error) {
    if (!(error instanceof DOMException || error instanceof TypeError)) {
      throw error;
    }
    video.hidden = true;
    words.textContent = gettext("There is no camera here: type the code below the label.");
    return;
  }
  video.srcObject = stream;
  try {
    await video.play();
  } catch (error) {
    if (error.name !== "AbortError") {
      throw error; // else it was closed before the camera was there
    }
  }
  await look(video, stream, take);
}

// Until a label is read; whoever closes it or goes on to another page turns the camera off.
async function look(video, stream, take) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  while (stream.active && video.isConnected) {
    const scale = Math.min(1, LONGEST_EDGE / Math.max(video.videoWidth, video.videoHeight, 1));
    canvas.width = Math.max(1, Math.round(video.videoWidth * scale));
    canvas.height = Math.max(1, Math.round(video.videoHeight * scale));
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const text = await codeIn(canvas);
    if (text) {
      take(text);
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  stream.getTracks().forEach((track) => track.stop());
}
