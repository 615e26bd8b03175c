// Files and bitmaps to upright, opaque sRGB pixels, as Python decodes (imaging/decode.py): colours converted by the
// embedded profile, transparency laid over white.
import constants from "../../constants.ts";
import type { Pixels, Strip } from "./pixels.ts";
import { PlainError } from "../types.ts";
import { upright, withoutOrientation } from "./orientation.ts";

const { most_pixels: MAX_PIXELS, most_side: MAX_SIDE } = constants.image;
// Rows are copied out of the browser's picture in strips of about a megapixel.
const STRIP_PIXELS = 1_000_000;

/** Decode a file; the bitmap is upright by its EXIF orientation. */
export async function decode(file: Blob): Promise<ImageBitmap> {
  try {
    const { file: stored, orientation } = await withoutOrientation(file);
    return upright(await createImageBitmap(stored, { imageOrientation: "from-image", colorSpaceConversion: "default" }), orientation);
  } catch {
    throw new PlainError("unreadable", "This browser cannot read the picture; give a JPEG, PNG or WebP file.");
  }
}

/**
 * The file as an <img> shows it like `decode` reads it, in any browser: a WebP or PNG with an orientation becomes an upright
 * PNG; any other file, and one that cannot be read, stays as it is.
 */
export async function shownUpright(file: Blob): Promise<Blob> {
  if ((await withoutOrientation(file)).orientation === 1) return file;
  const bitmap = await decode(file).catch(() => null);
  if (!bitmap) return file;
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d")!.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/png" });
}

/** Open a bitmap for reading; as imaging/limits.py allows. */
export function pixelsOf(bitmap: ImageBitmap): Pixels {
  const { width, height } = bitmap;
  if (width * height > MAX_PIXELS) {
    throw new PlainError(
      "too_large",
      `The picture has ${width} x ${height} pixels, more than the ${MAX_PIXELS / 1e6} megapixels allowed; make it smaller.`,
    );
  }
  if (Math.max(width, height) > MAX_SIDE) {
    const message = `The picture has ${width} x ${height} pixels, and a side may have ${MAX_SIDE}; cut or make it smaller.`;
    throw new PlainError("too_large", message);
  }
  return { width, height, strips: () => stripsOf(bitmap) };
}

function* stripsOf(bitmap: ImageBitmap): Generator<Strip> {
  const { width, height } = bitmap;
  const most = Math.min(height, Math.max(1, Math.floor(STRIP_PIXELS / width)));
  const canvas = new OffscreenCanvas(width, most);
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true })!;
  for (let top = 0; top < height; top += most) {
    const rows = Math.min(most, height - top);
    context.fillStyle = "white";
    context.fillRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, top, width, rows, 0, 0, width, rows);
    yield { rows, rgba: context.getImageData(0, 0, width, rows).data };
  }
}
