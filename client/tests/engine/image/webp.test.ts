import assert from "node:assert/strict";
import { test } from "node:test";
import { withPlainExif } from "../../../src/engine/image/webp.ts";

const TIFF = "MM\0*\0\0\0\x08";

function riff(...chunks: [string, string][]): Blob {
  const size = (text: string): string => String.fromCharCode(text.length & 255, text.length >> 8, 0, 0);
  const body = chunks.map(([name, data]) => name + size(data) + data + "\0".repeat(data.length % 2)).join("");
  return new Blob([Buffer.from(`RIFF${size(`WEBP${body}`)}WEBP${body}`, "latin1")], { type: "image/webp" });
}

const bytes = async (file: Blob): Promise<string> => Buffer.from(await file.arrayBuffer()).toString("latin1");

test("the marker is taken out of the EXIF data, wherever it lies, and all sizes fit", async () => {
  const mended = await withPlainExif(riff(["VP8X", "odd"], ["EXIF", `Exif\0\0${TIFF}`], ["XMP ", "rest"]));
  assert.equal(await bytes(mended), await bytes(riff(["VP8X", "odd"], ["EXIF", TIFF], ["XMP ", "rest"])));
  assert.equal(mended.type, "image/webp");
});

test("any other file stays as it is, also one that is cut off", async () => {
  for (const file of [riff(["EXIF", TIFF]), new Blob(["\xff\xd8"]), new Blob(["RIFF\0\0\0\0WEBPEXIF\xff"]), new Blob([])]) {
    assert.equal(await withPlainExif(file), file);
  }
});
