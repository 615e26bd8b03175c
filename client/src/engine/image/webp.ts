// WebP files whose EXIF data begins with the marker that only JPEG has: some cameras write it, browsers then see no
// orientation. Python sees it (imaging/decode.py), so the marker is taken out before a browser reads the file.

const MARKER = "Exif\0\0";
const HEAD = 12; // RIFF, size, WEBP
const CHUNK_HEAD = 8; // name, size

/** The file, with its EXIF data as browsers expect it; any other file as it is. */
export async function withPlainExif(file: Blob): Promise<Blob> {
  const head = await text(file, 0, HEAD);
  if (!head.startsWith("RIFF") || !head.endsWith("WEBP")) return file;
  for (let place = HEAD; place + CHUNK_HEAD <= file.size; ) {
    const size = await number(file, place + 4);
    const next = place + CHUNK_HEAD + size + (size % 2);
    const data = place + CHUNK_HEAD;
    if ((await text(file, place, place + 4)) === "EXIF" && (await text(file, data, data + MARKER.length)) === MARKER) {
      // The marker's length is even, so what pads the chunk stays right.
      const parts = [file.slice(0, 4), written((await number(file, 4)) - MARKER.length), file.slice(8, place + 4)];
      return new Blob([...parts, written(size - MARKER.length), file.slice(data + MARKER.length)], { type: file.type });
    }
    place = next;
  }
  return file;
}

async function text(file: Blob, from: number, to: number): Promise<string> {
  return String.fromCharCode(...new Uint8Array(await file.slice(from, to).arrayBuffer()));
}

async function number(file: Blob, place: number): Promise<number> {
  const bytes = await file.slice(place, place + 4).arrayBuffer();
  return bytes.byteLength === 4 ? new DataView(bytes).getUint32(0, true) : 0;
}

function written(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
