import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutOrientation } from "../../../src/engine/image/orientation.ts";

const TIFF = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
const LONG = TIFF.replace("\x12\0\x03", "\x12\0\x04");
const TWO = TIFF.replace("\0\0\0\x01\0\x06", "\0\0\0\x02\0\x06");

const file = (text: string, type: string): Blob => new Blob([Buffer.from(text, "latin1")], { type });
const text = async (blob: Blob): Promise<string> => Buffer.from(await blob.arrayBuffer()).toString("latin1");

function webp(flags: string, ...chunks: [string, string][]): Blob {
  const size = (body: string): string => String.fromCharCode(body.length & 255, body.length >> 8, 0, 0);
  const all: [string, string][] = [["VP8X", `${flags}\0\0\0`], ...chunks];
  const body = all.map(([name, data]) => name + size(data) + data + "\0".repeat(data.length % 2)).join("");
  return file(`RIFF${size(`WEBP${body}`)}WEBP${body}`, "image/webp");
}

function png(...chunks: [string, string][]): Blob {
  const all = [...chunks, ["IEND", ""] as const];
  const body = all.map(([name, data]) => `\0\0\0${String.fromCharCode(data.length)}${name}${data}sum.`);
  return file(`\x89PNG\r\n\x1a\n${body.join("")}`, "image/png");
}

test("the orientation is taken off a WebP, and all sizes and flags fit", async () => {
  for (const exif of [TIFF, `Exif\0\0${TIFF}`]) {
    const stored = await withoutOrientation(webp("\x18", ["VP8L", "odd"], ["EXIF", exif], ["XMP ", "rest"]));
    assert.equal(stored.orientation, 6);
    assert.equal(await text(stored.file), await text(webp("\x10", ["VP8L", "odd"], ["XMP ", "rest"])));
    assert.equal(stored.file.type, "image/webp");
  }
});

test("and off a PNG, wherever it lies there", async () => {
  for (const made of [png(["eXIf", TIFF], ["IDAT", "rows"]), png(["IDAT", "rows"], ["eXIf", TIFF])]) {
    const stored = await withoutOrientation(made);
    assert.equal(stored.orientation, 6);
    assert.equal(await text(stored.file), await text(png(["IDAT", "rows"])));
  }
});

test("any other file stays as it is, also one that is cut off", async () => {
  const others = [
    webp("\x08", ["EXIF", LONG]),
    webp("\x08", ["EXIF", TWO]),
    webp("\0", ["VP8L", "odd"]),
    png(["IDAT", "rows"]),
    webp("\x08", ["EXIF", TIFF]).slice(0, 40),
    png(["eXIf", TIFF]).slice(0, 30),
    file("\x89PNG\r\n\x1a\n", "image/png"),
    file("RIFF\0\0\0\0WEBP", "image/webp"),
    file("\xff\xd8", "image/jpeg"),
    new Blob([]),
  ];
  for (const made of others) assert.deepEqual(await withoutOrientation(made), { file: made, orientation: 1 });
});
