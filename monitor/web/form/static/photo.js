// Makes a photo small and takes out what tells where and by which phone it was taken.
export const LONGEST_EDGE = 1600;
const QUALITY = 0.8;
const LARGEST_BYTES = 8 * 1024 * 1024;
const SAMPLE = 16;

export class PhotoUnusable extends Error {}

export const isJpeg = (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;

// The segments of a JPEG's head, as [marker, start, end].
function* segments(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda) {
    const end = at + 2 + view.getUint16(at + 2);
    yield [bytes[at + 1], at, end];
    at = end;
  }
}

// Width and height from the head, before anything is decoded: a picture of 48 megapixels takes 190 MB.
export function sizeOf(bytes) {
  for (const [marker, at] of segments(bytes)) {
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
  }
  return null;
}

// The same picture without what was written beside it: all application segments but JFIF and Adobe's, and comments.
export function bare(bytes) {
  const dropped = [...segments(bytes)].filter(([marker]) => (marker >= 0xe1 && marker <= 0xef && marker !== 0xee) || marker === 0xfe);
  const parts = [];
  let from = 0;
  for (const [, start, end] of dropped) {
    parts.push(bytes.subarray(from, start));
    from = end;
  }
  parts.push(bytes.subarray(from));
  return joined(parts);
}

function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function decoded(file, size) {
  const scale = size && Math.max(size.width, size.height) > LONGEST_EDGE;
  const edge = size && size.width >= size.height ? "resizeWidth" : "resizeHeight";
  return createImageBitmap(file, { imageOrientation: "from-image", ...(scale ? { [edge]: LONGEST_EDGE, resizeQuality: "high" } : {}) });
}

// Some phones draw nothing, without an error, when a picture is too large for them.
function isOneColour(context, { width, height }) {
  const first = context.getImageData(0, 0, 1, 1).data.join();
  for (let n = 0; n < SAMPLE * SAMPLE; n += 1) {
    const [x, y] = [((n % SAMPLE) + 0.5) * (width / SAMPLE), (Math.floor(n / SAMPLE) + 0.5) * (height / SAMPLE)];
    if (context.getImageData(Math.floor(x), Math.floor(y), 1, 1).data.join() !== first) {
      return false;
    }
  }
  return true;
}

async function redrawn(file, size) {
  const bitmap = await decoded(file, size);
  const scale = Math.min(1, LONGEST_EDGE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  if (isOneColour(context, canvas)) {
    return null;
  }
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  const bytes = blob && new Uint8Array(await blob.arrayBuffer());
  return bytes && isJpeg(bytes) ? bytes : null;
}

// Return the bytes of a JPEG that is kept. Throws `PhotoUnusable` if nothing can be made of it.
export async function reduced(file) {
  const original = new Uint8Array(await file.arrayBuffer());
  const isOriginal = isJpeg(original);
  let bytes = null;
  try {
    bytes = await redrawn(file, isOriginal ? sizeOf(original) : null);
  } catch (error) {
    if (!["InvalidStateError", "EncodingError"].includes(error.name)) {
      throw error;
    }
  }
  bytes ??= isOriginal && sizeOf(original) && original.length <= LARGEST_BYTES ? bare(original) : null;
  if (!bytes) {
    throw new PhotoUnusable();
  }
  return bytes;
}
