// A PNG without texts, times, EXIF and private chunks. PNG (Third Edition), sections 5 and 11.
import { crc32 } from "../files/crc32.ts";
import { ascii, Malformed, textAt, together, viewOf } from "../files/bytes.ts";
import { orientationOf, orientationOnly } from "./exif.ts";

const SIGNATURE = 8;
// What changes how the pixels look.
const KEPT = new Set(["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "mDCV", "cLLI", "bKGD", "pHYs"]);

/** @throws Malformed when the chunks do not follow each other to the end */
export function strippedPng(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = [bytes.subarray(0, SIGNATURE)];
  const view = viewOf(bytes);
  for (let at = SIGNATURE; ; ) {
    if (at + 12 > bytes.length) throw new Malformed("A PNG ends before its last chunk.");
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > bytes.length) throw new Malformed("A PNG's chunk is longer than the file.");
    const name = textAt(bytes, at + 4, 4);
    if (KEPT.has(name)) kept.push(bytes.subarray(at, end));
    if (name === "eXIf") {
      const orientation = orientationOf(bytes.subarray(at + 8, end - 4));
      if (orientation !== 1) kept.push(chunk("eXIf", orientationOnly(orientation)));
    }
    if (name === "IEND") return together(kept);
    at = end;
  }
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const body = together([ascii(name), data]);
  const [head, sum] = [new Uint8Array(4), new Uint8Array(4)];
  viewOf(head).setUint32(0, data.length);
  viewOf(sum).setUint32(0, crc32(body));
  return together([head, body, sum]);
}
