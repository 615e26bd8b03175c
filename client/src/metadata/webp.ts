// A WebP without EXIF, XMP and unknown chunks. RFC 9649, section 2.
import { ascii, Malformed, textAt, together, viewOf } from "../files/bytes.ts";
import { orientationOf, orientationOnly } from "./exif.ts";

const KEPT = new Set(["VP8 ", "VP8L", "VP8X", "ICCP", "ANIM", "ANMF", "ALPH"]);
const [HAS_XMP, HAS_EXIF] = [0x04, 0x08];
const FLAGS = 8;
// Some writers put this before the TIFF structure, as JPEG has it; who wrote it reads it so.
const PREFIX = "Exif\0\0";

/** @throws Malformed when the chunks do not fill the file */
export function strippedWebp(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept: Uint8Array[] = [];
  const view = viewOf(bytes);
  const all = Math.min(bytes.length, 8 + view.getUint32(4, true));
  let turned = false;
  for (let at = 12; at < all; ) {
    if (at + 8 > all) throw new Malformed("A WebP ends within a chunk.");
    const length = view.getUint32(at + 4, true);
    const end = at + 8 + length + (length % 2);
    if (at + 8 + length > all) throw new Malformed("A WebP's chunk is longer than the file.");
    const name = textAt(bytes, at, 4);
    if (KEPT.has(name)) kept.push(bytes.slice(at, end));
    if (name === "EXIF") {
      const data = bytes.subarray(at + 8, at + 8 + length);
      const prefixed = textAt(data, 0, PREFIX.length) === PREFIX;
      const orientation = orientationOf(prefixed ? data.subarray(PREFIX.length) : data);
      if (orientation !== 1) {
        turned = true;
        kept.push(chunk("EXIF", together([ascii(prefixed ? PREFIX : ""), orientationOnly(orientation)])));
      }
    }
    at = end;
  }
  const extended = kept.find((part) => textAt(part, 0, 4) === "VP8X");
  if (extended) extended[FLAGS] = (extended[FLAGS]! & ~(HAS_XMP | HAS_EXIF)) | (turned ? HAS_EXIF : 0);
  const body = together([ascii("WEBP"), ...kept]);
  return together([chunkHead("RIFF", body.length), body]);
}

function chunkHead(name: string, length: number): Uint8Array {
  const head = together([ascii(name), new Uint8Array(4)]);
  viewOf(head).setUint32(4, length, true);
  return head;
}

const chunk = (name: string, data: Uint8Array): Uint8Array =>
  together([chunkHead(name, data.length), data, new Uint8Array(data.length % 2)]);
