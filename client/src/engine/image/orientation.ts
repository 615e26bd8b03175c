// The EXIF orientation of WebP and PNG files, which browsers follow or not, and Python always (imaging/orientation.py):
// it is read and followed here. All browsers follow a JPEG's.
import { Malformed, textAt, together, viewOf } from "../../files/bytes.ts";
import { orientationOf } from "../../metadata/exif.ts";

const HEAD = 12;
const HAS_EXIF = 0x08;
const FLAGS = 8;
// Some writers put this before the TIFF structure, as JPEG has it.
const MARKER = "Exif\0\0";

export interface Stored {
  /** The file as it is stored: without its orientation, where that is to be followed here. */
  file: Blob;
  /** EXIF 2.32, tag 0x0112: 1-8; 1 also where the browser follows it itself. */
  orientation: number;
}

/** A part of a file: where it begins, where the next one does, and what it holds. */
interface Part {
  name: string;
  from: number;
  to: number;
  data: Uint8Array;
}

/** Take the orientation off a WebP or PNG file; any other, and a damaged one, stays as it is. */
export async function withoutOrientation(file: Blob): Promise<Stored> {
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const webp = textAt(head, 0, 4) === "RIFF" && textAt(head, 8, 4) === "WEBP";
  if (!webp && textAt(head, 0, 8) !== "\x89PNG\r\n\x1a\n") return { file, orientation: 1 };
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    const parts = webp ? partsOfWebp(bytes) : partsOfPng(bytes);
    const name = webp ? "EXIF" : "eXIf";
    const exif = parts.find((part) => part.name === name)?.data;
    const orientation = exif ? orientationOf(exif.subarray(textAt(exif, 0, MARKER.length) === MARKER ? MARKER.length : 0)) : 1;
    if (orientation === 1) return { file, orientation };
    const others = parts.filter((part) => part.name !== name).map(({ from, to }) => bytes.slice(from, to));
    const written = webp ? asWebp(others) : together([bytes.subarray(0, 8), ...others]);
    return { file: new Blob([written], { type: file.type }), orientation };
  } catch (error) {
    if (error instanceof Malformed) return { file, orientation: 1 };
    throw error;
  }
}

/** Turn a bitmap as it was stored so that it stands upright; the given one is closed. */
export function upright(bitmap: ImageBitmap, orientation: number): ImageBitmap {
  if (orientation === 1) return bitmap;
  const { width, height } = bitmap;
  const aside = orientation > 4;
  const canvas = new OffscreenCanvas(aside ? height : width, aside ? width : height);
  const context = canvas.getContext("2d")!;
  context.setTransform(...turns(orientation, width, height));
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.transferToImageBitmap();
}

type Turn = [a: number, b: number, c: number, d: number, e: number, f: number];

/** As setTransform() takes it: what is at (x, y) as stored comes to (ax + cy + e, bx + dy + f). */
function turns(orientation: number, width: number, height: number): Turn {
  const all: Record<number, Turn> = {
    2: [-1, 0, 0, 1, width, 0],
    3: [-1, 0, 0, -1, width, height],
    4: [1, 0, 0, -1, 0, height],
    5: [0, 1, 1, 0, 0, 0],
    6: [0, 1, -1, 0, height, 0],
    7: [0, -1, -1, 0, height, width],
    8: [0, -1, 1, 0, 0, width],
  };
  return all[orientation]!;
}

function partsOfWebp(bytes: Uint8Array): Part[] {
  const view = viewOf(bytes);
  const all = Math.min(bytes.length, 8 + view.getUint32(4, true));
  const parts: Part[] = [];
  for (let from = HEAD; from + 8 <= all; from = parts.at(-1)!.to) {
    const end = from + 8 + view.getUint32(from + 4, true);
    if (end > all) throw new Malformed("A WebP's chunk is longer than the file.");
    parts.push({ name: textAt(bytes, from, 4), from, to: end + (end % 2), data: bytes.subarray(from + 8, end) });
  }
  return parts;
}

function partsOfPng(bytes: Uint8Array): Part[] {
  const view = viewOf(bytes);
  const parts: Part[] = [];
  for (let from = 8; parts.at(-1)?.name !== "IEND"; from = parts.at(-1)!.to) {
    const to = from + 12 <= bytes.length ? from + 12 + view.getUint32(from) : Infinity;
    if (to > bytes.length) throw new Malformed("A PNG's chunk is longer than the file.");
    parts.push({ name: textAt(bytes, from + 4, 4), from, to, data: bytes.subarray(from + 8, to - 4) });
  }
  return parts;
}

/** Write a WebP's chunks as a file that says it has no EXIF data. */
function asWebp(chunks: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const extended = chunks.find((chunk) => textAt(chunk, 0, 4) === "VP8X");
  if (extended) extended[FLAGS] = extended[FLAGS]! & ~HAS_EXIF;
  const file = together([new Uint8Array(HEAD), ...chunks]);
  file.set([..."RIFF\0\0\0\0WEBP"].map((letter) => letter.charCodeAt(0)));
  viewOf(file).setUint32(4, file.length - 8, true);
  return file;
}
