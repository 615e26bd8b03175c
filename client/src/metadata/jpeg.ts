// A JPEG without what its camera wrote into it: EXIF, XMP, IPTC, comments, previews, and what lies behind its end.
// ITU-T T.81, annex B.
import { ascii, Malformed, textAt, together, viewOf } from "../files/bytes.ts";
import { orientationOf, orientationOnly } from "./exif.ts";

const [START, END, SCAN, COMMENT] = [0xd8, 0xd9, 0xda, 0xfe];
const [APP0, APP1, APP2, APP14, APP15] = [0xe0, 0xe1, 0xe2, 0xee, 0xef];
const EXIF = "Exif\0\0";
const ICC = "ICC_PROFILE\0";
const JFIF_LENGTH = 16;

/** @throws Malformed when the segments do not follow each other to the picture's end */
export function strippedJpeg(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept: Uint8Array[] = [];
  let orientation = 1;
  let at = 2;
  for (;;) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++; // fill bytes, which mean nothing
    const { marker, length } = segmentAt(bytes, at);
    const segment = bytes.subarray(at, at + 2 + length);
    if (marker === END) {
      const exif = orientation === 1 ? [] : [exifSegment(orientation)];
      // JFIF, where there is one, comes first.
      const first = kept[0]?.[1] === APP0 ? kept.splice(0, 1) : [];
      return together([Uint8Array.of(0xff, START), ...first, ...exif, ...kept, segment]);
    }
    if (marker === APP1 && textAt(segment, 4, EXIF.length) === EXIF) orientation = orientationOf(segment.subarray(10));
    const keep = keptOf(marker, segment);
    if (keep) kept.push(keep);
    at += segment.length;
    if (marker === SCAN) {
      const end = scanEnd(bytes, at);
      kept.push(bytes.subarray(at, end));
      at = end;
    }
  }
}

function segmentAt(bytes: Uint8Array, at: number): { marker: number; length: number } {
  const marker = bytes[at + 1];
  if (bytes[at] !== 0xff || marker === undefined) throw new Malformed("A JPEG's segment does not begin with a marker.");
  if (marker === END) return { marker, length: 0 };
  if (at + 4 > bytes.length) throw new Malformed("A JPEG ends within a segment.");
  const length = viewOf(bytes).getUint16(at + 2);
  if (length < 2 || at + 2 + length > bytes.length) throw new Malformed("A JPEG's segment is longer than the file.");
  return { marker, length };
}

/** What stays of a segment: what decoding needs, the colour profile, and the kind of colours. */
function keptOf(marker: number, segment: Uint8Array): Uint8Array | null {
  if (marker === COMMENT) return null;
  if (marker < APP0 || marker > APP15 || marker === APP14) return segment;
  if (marker === APP2) return textAt(segment, 4, ICC.length) === ICC ? segment : null;
  if (marker !== APP0 || textAt(segment, 4, 5) !== "JFIF\0") return null;
  const plain = segment.slice(0, 2 + JFIF_LENGTH);
  plain.set([0, JFIF_LENGTH], 2);
  plain.set([0, 0], 16); // without its preview
  return plain;
}

/** Where the coded picture that begins at a place ends: at the next marker that is no part of it. */
function scanEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    at = bytes.indexOf(0xff, at);
    const next = bytes[at + 1];
    if (at < 0 || next === undefined) throw new Malformed("A JPEG ends within its picture.");
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
    at += next === 0xff ? 1 : 2; // of two 0xff the second may begin a marker
  }
}

function exifSegment(orientation: number): Uint8Array {
  const body = together([ascii(EXIF), orientationOnly(orientation)]);
  return together([Uint8Array.of(0xff, APP1, 0, body.length + 2), body]);
}
