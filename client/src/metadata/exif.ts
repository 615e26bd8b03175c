// The one thing of EXIF that a picture needs to be shown upright: its orientation. Everything else in it is removed.

const ORIENTATION = 0x0112;
const SHORT = 3;
// More entries than any camera writes.
const MOST_ENTRIES = 512;

/**
 * Read the orientation of a TIFF structure, as EXIF holds it.
 * @returns 1-8; 1, which is upright, where none is stated or the structure is damaged
 */
export function orientationOf(tiff: Uint8Array): number {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  try {
    const little = view.getUint16(0) === 0x4949;
    if (!little && view.getUint16(0) !== 0x4d4d) return 1;
    const first = view.getUint32(4, little);
    const entries = Math.min(view.getUint16(first, little), MOST_ENTRIES);
    for (let i = 0; i < entries; i++) {
      const entry = first + 2 + 12 * i;
      if (view.getUint16(entry, little) !== ORIENTATION) continue;
      const value = view.getUint16(entry + 2, little) === SHORT ? view.getUint16(entry + 8, little) : 1;
      return value >= 1 && value <= 8 ? value : 1;
    }
  } catch {
    // It points outside of itself.
  }
  return 1;
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
