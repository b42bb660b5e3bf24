// What a label says: the zone, and the asset if it is that of one. Its code is an address of the monitor.
const LABEL = /\/q\/([^/?#]+)(?:\/([^/?#]+))?\/?$/;

// A code that is typed is that of a zone, or of a zone and an asset with a slash between them.
export function labelOf(text) {
  const address = text.includes("/q/") ? text.trim() : `/q/${text.trim()}`;
  const found = address.match(LABEL);
  return found ? { zone: decodeURIComponent(found[1]), asset: found[2] ? decodeURIComponent(found[2]) : "" } : null;
}

// The QR code in a picture, by the phone itself where it can, else by the decoder that came with the form.
export async function codeIn(canvas, { isBundled = !("BarcodeDetector" in globalThis) } = {}) {
  if (!isBundled) {
    try {
      const [code] = await new BarcodeDetector({ formats: ["qr_code"] }).detect(canvas);
      return code?.rawValue ?? null;
    } catch {
      return codeIn(canvas, { isBundled: true }); // some phones have the reader, and not what it needs
    }
  }
  const { decodeQR } = await import("./qr_decode.js");
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  try {
    return decodeQR({ width, height, data });
  } catch {
    return null; // the decoder's way of saying that there is none
  }
}
