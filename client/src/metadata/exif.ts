// What is read of EXIF: the orientation, which a picture needs to be shown upright, and the day on which it was taken,
// which is suggested to the person. Everything is removed but the orientation. CIPA DC-008 (EXIF 2.32), section 4.6.
import { textAt } from "../files/bytes.ts";

const [ORIENTATION, DETAILS, TAKEN] = [0x0112, 0x8769, 0x9003];
const [ASCII, SHORT, LONG] = [2, 3, 4];
// More entries than any camera writes.
const MOST_ENTRIES = 512;

/**
 * Read the orientation of a TIFF structure, as EXIF holds it.
 * @returns 1-8; 1, which is upright, where none is stated or the structure is damaged
 */
export function orientationOf(tiff: Uint8Array): number {
  return looked(tiff, 1, (fields) => {
    const value = fields.at(fields.first, ORIENTATION, SHORT) ?? 1;
    return value >= 1 && value <= 8 ? value : 1;
  });
}

/**
 * Read the day on which a picture was taken, by its camera's clock.
 * @returns as 2026-03-01; "" where none is stated or the structure is damaged
 */
export function takenOn(tiff: Uint8Array): string {
  return looked(tiff, "", (fields) => {
    const details = fields.at(fields.first, DETAILS, LONG);
    const place = details === null ? null : fields.at(details, TAKEN, ASCII);
    const [, ...parts] = (place !== null && /^(\d{4}):(\d\d):(\d\d) /.exec(textAt(tiff, place, 11))) || [];
    const day = parts.join("-");
    return day && !Number.isNaN(Date.parse(day)) ? day : "";
  });
}

interface Fields {
  /** Where the first directory lies. */
  first: number;
  /** The value of a tag of that type, or for texts where it lies; null where the directory has none. */
  at(directory: number, tag: number, type: number): number | null;
}

function looked<T>(tiff: Uint8Array, otherwise: T, look: (fields: Fields) => T): T {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  try {
    const little = view.getUint16(0) === 0x4949;
    if (!little && view.getUint16(0) !== 0x4d4d) return otherwise;
    const at = (directory: number, tag: number, type: number): number | null => {
      const entries = Math.min(view.getUint16(directory, little), MOST_ENTRIES);
      for (let i = 0; i < entries; i++) {
        const entry = directory + 2 + 12 * i;
        if (view.getUint16(entry, little) !== tag || view.getUint16(entry + 2, little) !== type) continue;
        if (type !== SHORT) return view.getUint32(entry + 8, little);
        return view.getUint32(entry + 4, little) === 1 ? view.getUint16(entry + 8, little) : null; // as browsers read it
      }
      return null;
    };
    return look({ first: view.getUint32(4, little), at });
  } catch {
    return otherwise; // it points outside of itself
  }
}

/** A TIFF structure that states an orientation, 1-8, and nothing else. */
export function orientationOnly(orientation: number): Uint8Array<ArrayBuffer> {
  const tiff = new Uint8Array(26);
  const view = new DataView(tiff.buffer);
  view.setUint16(0, 0x4d4d);
  view.setUint16(2, 42);
  view.setUint32(4, 8);
  view.setUint16(8, 1);
  view.setUint16(10, ORIENTATION);
  view.setUint16(12, SHORT);
  view.setUint32(14, 1);
  view.setUint16(18, orientation);
  return tiff;
}
