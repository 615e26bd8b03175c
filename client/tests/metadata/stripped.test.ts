import assert from "node:assert/strict";
import { test } from "node:test";
import { ascii, Malformed, together, viewOf } from "../../src/files/bytes.ts";
import { crc32 } from "../../src/files/crc32.ts";
import { orientationOf, orientationOnly, takenOn } from "../../src/metadata/exif.ts";
import { strippedJpeg } from "../../src/metadata/jpeg.ts";
import { strippedPng } from "../../src/metadata/png.ts";
import { strippedWebp } from "../../src/metadata/webp.ts";

// What tests/browser/test_stripped.py says of real pictures' pixels is not repeated here.
const SECRET = "GPS 47.37 N, Phone of Jane";
const has = (bytes: Uint8Array, text: string): boolean => Buffer.from(bytes).includes(text);

const segment = (marker: number, body: Uint8Array): Uint8Array =>
  together([Uint8Array.of(0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff), body]);
const exif = (orientation: number): Uint8Array => together([ascii("Exif\0\0"), orientationOnly(orientation), ascii(SECRET)]);
const scan = together([segment(0xda, Uint8Array.of(1, 1, 0, 0, 63, 0)), Uint8Array.of(0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56)]);
const jfif = segment(0xe0, together([ascii("JFIF\0"), Uint8Array.of(1, 1, 0, 0, 1, 0, 1, 1, 1), ascii("abc")]));
const icc = segment(0xe2, ascii("ICC_PROFILE\0\x01\x01profile"));
const tables = segment(0xdb, new Uint8Array(65));

function jpeg(orientation: number): Uint8Array {
  return together([
    Uint8Array.of(0xff, 0xd8),
    jfif,
    segment(0xe1, exif(orientation)),
    segment(0xe1, ascii(`http://ns.adobe.com/xap/1.0/\0${SECRET}`)),
    icc,
    segment(0xe2, ascii(`MPF\0${SECRET}`)),
    segment(0xed, ascii(`Photoshop 3.0\0${SECRET}`)),
    segment(0xfe, ascii(SECRET)),
    tables,
    scan,
    segment(0xc4, new Uint8Array(20)),
    scan,
    Uint8Array.of(0xff, 0xd9),
    ascii(SECRET), // as phones put a film behind the picture
  ]);
}

test("a JPEG keeps what its pixels need, and its orientation, and nothing else", () => {
  const bytes = strippedJpeg(jpeg(6));
  assert.ok(!has(bytes, SECRET));
  assert.ok(!has(bytes, "abc")); // the preview
  for (const kept of [icc, tables, scan]) assert.ok(Buffer.from(bytes).includes(Buffer.from(kept)));
  const at = Buffer.from(bytes).indexOf("Exif\0\0");
  assert.equal(orientationOf(bytes.subarray(at + 6)), 6);
  assert.deepEqual([...bytes.subarray(-2)], [0xff, 0xd9]);
  assert.deepEqual(strippedJpeg(bytes), bytes); // there is nothing left to remove
});

test("an upright JPEG keeps no EXIF at all", () => assert.ok(!has(strippedJpeg(jpeg(1)), "Exif")));

test("a JPEG that breaks off is none", () => {
  for (const length of [3, 40, 200, jpeg(1).length - SECRET.length - 2]) {
    assert.throws(() => strippedJpeg(jpeg(1).subarray(0, length)), Malformed);
  }
});

function chunk(name: string, data: Uint8Array): Uint8Array {
  const body = together([ascii(name), data]);
  const [head, sum] = [new Uint8Array(4), new Uint8Array(4)];
  viewOf(head).setUint32(0, data.length);
  viewOf(sum).setUint32(0, crc32(body));
  return together([head, body, sum]);
}

test("a PNG keeps its pixels, its profile and its orientation", () => {
  const kept = [chunk("IHDR", new Uint8Array(13)), chunk("iCCP", ascii("profile"))];
  const pixels = [chunk("IDAT", ascii("pixels")), chunk("IEND", new Uint8Array())];
  const secret = ["tEXt", "zTXt", "iTXt", "tIME", "prVt"].map((name) => chunk(name, ascii(SECRET)));
  const turned = chunk("eXIf", together([orientationOnly(8), ascii(SECRET)]));
  const start = ascii("\x89PNG\r\n\x1a\n");
  const bytes = strippedPng(together([start, ...kept, ...secret, turned, ...pixels, ascii(SECRET)]));
  assert.deepEqual(bytes, together([start, ...kept, chunk("eXIf", orientationOnly(8)), ...pixels]));
  assert.throws(() => strippedPng(together([start, ...kept])), Malformed);
});

function riff(...chunks: [name: string, data: Uint8Array][]): Uint8Array {
  const written = chunks.map(([name, data]) => {
    const size = new Uint8Array(4);
    viewOf(size).setUint32(0, data.length, true);
    return together([ascii(name), size, data, new Uint8Array(data.length % 2)]);
  });
  const size = new Uint8Array(4);
  viewOf(size).setUint32(0, 4 + written.reduce((sum, part) => sum + part.length, 0), true);
  return together([ascii("RIFF"), size, ascii("WEBP"), ...written]);
}

for (const prefix of ["", "Exif\0\0"]) {
  test(`a WebP keeps its pixels and its orientation${prefix && ", prefixed as it was"}`, () => {
    const flags = (value: number): Uint8Array => Uint8Array.of(value, ...new Uint8Array(9));
    const given = riff(["VP8X", flags(0x2c)], ["ICCP", ascii("odd")], ["VP8L", ascii("pixels")], ["EXIF", together([ascii(prefix), orientationOnly(3), ascii(SECRET)])], ["XMP ", ascii(SECRET)]);
    const expected = riff(["VP8X", flags(0x28)], ["ICCP", ascii("odd")], ["VP8L", ascii("pixels")], ["EXIF", together([ascii(prefix), orientationOnly(3)])]);
    assert.deepEqual(strippedWebp(together([given, ascii(SECRET)])), expected);
  });
}

test("an orientation is read in both orders of bytes; what is damaged counts as upright", () => {
  const little = Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 5, 0, 0, 0);
  assert.equal(orientationOf(little), 5);
  assert.equal(orientationOf(orientationOnly(7)), 7);
  for (const bytes of [new Uint8Array(), little.with(4, 255), little.with(18, 9), ascii("no TIFF at all")]) {
    assert.equal(orientationOf(bytes), 1);
  }
});

test("the day on which a picture was taken is read, and no other text for it", () => {
  const tiff = (text: string): Uint8Array => {
    const directory = (tag: number, type: number, count: number, value: number): number[] => [1, 0, tag & 255, tag >> 8, type, 0, count, 0, 0, 0, value, 0, 0, 0, 0, 0, 0, 0];
    return together([Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0, ...directory(0x8769, 4, 1, 26), ...directory(0x9003, 2, 20, 44)), ascii(text)]);
  };
  assert.equal(takenOn(tiff("2024:02:29 10:11:12\0")), "2024-02-29");
  for (const text of ["0000:00:00 00:00:00\0", "yesterday", ""]) assert.equal(takenOn(tiff(text)), "");
  assert.equal(takenOn(ascii("MM")), "");
});
