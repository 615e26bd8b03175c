// A picture as it is kept: without place, time, device and names, which its file may hold; the pixels stay the same.
import { decode } from "../engine/index.ts";
import { textAt } from "../files/bytes.ts";
import { strippedJpeg } from "./jpeg.ts";
import { strippedPng } from "./png.ts";
import { strippedWebp } from "./webp.ts";

export interface Stripped {
  picture: Blob;
  /** Whether nothing but the picture is left; false for a kind of file that this page cannot take apart. */
  clean: boolean;
}

type Strip = (bytes: Uint8Array) => Uint8Array<ArrayBuffer>;

/** Remove what is not picture. What cannot be taken apart, but shown, becomes a PNG of the same pixels. */
export async function stripped(picture: Blob): Promise<Stripped> {
  const bytes = new Uint8Array(await picture.arrayBuffer());
  const [type, strip] = kindOf(bytes);
  if (strip) {
    try {
      const without = strip(bytes);
      const same = without.length === bytes.length && picture.type === type;
      return { picture: same ? picture : new Blob([without], { type }), clean: true };
    } catch {
      // Damaged, and perhaps shown all the same: drawn anew below.
    }
  }
  const drawn = await drawnAnew(picture);
  return drawn ? { picture: drawn, clean: true } : { picture, clean: false };
}

function kindOf(bytes: Uint8Array): [type: string, strip: Strip | null] {
  if (textAt(bytes, 0, 3) === "\xff\xd8\xff") return ["image/jpeg", strippedJpeg];
  if (textAt(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return ["image/png", strippedPng];
  if (textAt(bytes, 0, 4) === "RIFF" && textAt(bytes, 8, 4) === "WEBP") return ["image/webp", strippedWebp];
  return ["", null];
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
