// A picture as it is kept: without place, time, device and names, which its file may hold; the pixels stay the same.
import { decode } from "../engine/index.ts";
import { textAt } from "../files/bytes.ts";
import { takenOn } from "./exif.ts";
import { strippedJpeg } from "./jpeg.ts";
import { strippedPng } from "./png.ts";
import { strippedWebp } from "./webp.ts";

export interface Stripped {
  picture: Blob;
  /** Whether nothing but the picture is left; false for a kind of file that this page cannot take apart. */
  clean: boolean;
  /** The day on which a JPEG was taken by its camera's clock, as 2026-03-01; "" where it does not say. */
  taken: string;
}

const EXIF = "Exif\0\0";
/** Cameras put EXIF first; a segment holds no more. */
const FIRST_BYTES = 65_600;

type Strip = (bytes: Uint8Array) => Uint8Array<ArrayBuffer>;

/** Remove what is not picture. What cannot be taken apart, but shown, becomes a PNG of the same pixels. */
export async function stripped(picture: Blob): Promise<Stripped> {
  const bytes = new Uint8Array(await picture.arrayBuffer());
  const [type, strip] = kindOf(bytes);
  const taken = type === "image/jpeg" ? takenOfJpeg(bytes) : "";
  if (strip) {
    try {
      const without = strip(bytes);
      const same = without.length === bytes.length && picture.type === type;
      return { picture: same ? picture : new Blob([without], { type }), clean: true, taken };
    } catch {
      // Damaged, and perhaps shown all the same: drawn anew below.
    }
  }
  const drawn = await drawnAnew(picture);
  return drawn ? { picture: drawn, clean: true, taken } : { picture, clean: false, taken };
}

function kindOf(bytes: Uint8Array): [type: string, strip: Strip | null] {
  if (textAt(bytes, 0, 3) === "\xff\xd8\xff") return ["image/jpeg", strippedJpeg];
  if (textAt(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return ["image/png", strippedPng];
  if (textAt(bytes, 0, 4) === "RIFF" && textAt(bytes, 8, 4) === "WEBP") return ["image/webp", strippedWebp];
  return ["", null];
}

function takenOfJpeg(bytes: Uint8Array): string {
  const first = bytes.subarray(0, FIRST_BYTES);
  for (let at = first.indexOf(0x45); at >= 0; at = first.indexOf(0x45, at + 1)) {
    if (textAt(first, at, EXIF.length) === EXIF) return takenOn(first.subarray(at + EXIF.length));
  }
  return "";
}

async function drawnAnew(picture: Blob): Promise<Blob | null> {
  try {
    const pixels = await decode(picture);
    const canvas = new OffscreenCanvas(pixels.width, pixels.height);
    canvas.getContext("2d")!.drawImage(pixels, 0, 0);
    pixels.close();
    return await canvas.convertToBlob({ type: "image/png" });
  } catch {
    return null;
  }
}
