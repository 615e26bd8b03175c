// Draws the icon as PNG files: a spot on green, the same two outlines as in icon.svg. Phones want pixels.
import { deflateSync } from "node:zlib";

const SIDE = 32; // of icon.svg's coordinates
const GREEN = [11, 107, 103];
const FINE = 4; // each pixel is the mean of 4 x 4

/**
 * Draw the icon of an SVG file's rounded square and paths, each `fill` over those before it.
 * @param {string} svg
 * @param {number} size pixels
 * @param {{ full: boolean }} options full: no rounded corners, and a margin that a phone may cut away
 * @returns {Buffer} a PNG file
 */
export function iconPng(svg, size, { full }) {
  const paths = [...svg.matchAll(/<path d="([^"]+)" fill="#([0-9a-f]{6})"/g)].map(([, d, colour]) => ({
    outline: outlineOf(d),
    colour: [0, 2, 4].map((i) => parseInt(colour.slice(i, i + 2), 16)),
  }));
  const colours = [GREEN, ...paths.map(({ colour }) => colour)];
  const fine = size * FINE;
  const sums = new Uint32Array(size * size * 4);
  // A margin of a tenth each side lies outside what every mask keeps.
  const zoom = full ? 0.8 : 1;
  const inward = (step) => (((step + 0.5) / fine) * SIDE - SIDE / 2) / zoom + SIDE / 2;
  const stepAt = (place) => Math.ceil((((place - SIDE / 2) * zoom + SIDE / 2) / SIDE) * fine - 0.5);
  const row = new Uint8Array(fine);
  for (let down = 0; down < fine; down++) {
    row.fill(0);
    paths.forEach(({ outline }, i) => {
      const met = crossingsOf(outline, inward(down)).map(stepAt);
      for (let k = 0; k < met.length; k += 2) row.fill(i + 1, met[k], met[k + 1]);
    });
    for (let across = 0; across < fine; across++) {
      if (!full && !insideRoundedSquare(inward(across), inward(down))) continue;
      const place = 4 * (Math.floor(down / FINE) * size + Math.floor(across / FINE));
      const colour = colours[row[across]];
      for (let i = 0; i < 3; i++) sums[place + i] += colour[i];
      sums[place + 3] += 1;
    }
  }
  const pixels = Buffer.alloc(sums.length);
  for (let place = 0; place < sums.length; place += 4) {
    const count = sums[place + 3];
    for (let i = 0; i < 3; i++) pixels[place + i] = count ? Math.round(sums[place + i] / count) : 0;
    pixels[place + 3] = Math.round((255 * count) / FINE ** 2);
  }
  return png(pixels, size);
}

function insideRoundedSquare(x, y, radius = 8) {
  const past = (place) => Math.max(radius - place, place - (SIDE - radius), 0);
  return past(x) ** 2 + past(y) ** 2 <= radius ** 2;
}

/** The corners of a path of M, c, s and Z, its curves cut into short lines. */
function outlineOf(d) {
  const corners = [];
  let [at, control] = [[0, 0], [0, 0]];
  for (const [, command, numbers] of d.matchAll(/([Mcs])([^A-Za-z]*)/g)) {
    const values = (numbers.match(/-?[\d.]+/g) ?? []).map(Number);
    if (command === "M") {
      corners.push((at = control = values));
      continue;
    }
    const length = command === "c" ? 6 : 4;
    for (let i = 0; i < values.length; i += length) {
      const moved = values.slice(i, i + length).map((value, k) => value + at[k % 2]);
      const first = command === "c" ? moved.splice(0, 2) : [2 * at[0] - control[0], 2 * at[1] - control[1]];
      const [second, end] = [moved.slice(0, 2), moved.slice(2)];
      for (let step = 1; step <= 24; step++) corners.push(bezier(at, first, second, end, step / 24));
      [at, control] = [end, second];
    }
  }
  return corners;
}

function bezier(a, b, c, d, t) {
  const s = 1 - t;
  return [0, 1].map((i) => s ** 3 * a[i] + 3 * s * s * t * b[i] + 3 * s * t * t * c[i] + t ** 3 * d[i]);
}

/** Where a line across at height `y` meets an outline, from the left: it is inside between each two of these. */
function crossingsOf(outline, y) {
  const met = outline.flatMap(([x1, y1], i) => {
    const [x2, y2] = outline[(i + 1) % outline.length];
    return y1 > y !== y2 > y ? [((x2 - x1) * (y - y1)) / (y2 - y1) + x1] : [];
  });
  return met.sort((a, b) => a - b);
}

function png(pixels, size) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6], 8); // 8 bits, RGBA
  const rows = Array.from({ length: size }, (_, y) => [Buffer.of(0), pixels.subarray(4 * y * size, 4 * (y + 1) * size)]);
  const data = deflateSync(Buffer.concat(rows.flat()), { level: 9 });
  const parts = [chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts]);
}

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}

function crc32(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return ~sum >>> 0;
}
