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
  const pixels = Buffer.alloc(size * size * 4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const sum = [0, 0, 0, 0];
      for (let part = 0; part < FINE * FINE; part++) {
        const across = ((x + ((part % FINE) + 0.5) / FINE) / size) * SIDE;
        const down = ((y + (Math.floor(part / FINE) + 0.5) / FINE) / size) * SIDE;
        if (!full && !insideRoundedSquare(across, down)) continue;
        // A margin of a tenth each side lies outside what every mask keeps.
        const [u, v] = full ? [across, down].map((place) => (place - SIDE / 2) * 1.25 + SIDE / 2) : [across, down];
        const colour = paths.findLast(({ outline }) => isInside(outline, u, v))?.colour ?? GREEN;
        colour.forEach((value, i) => (sum[i] += value));
        sum[3] += 1;
      }
      const place = 4 * (y * size + x);
      for (let i = 0; i < 3; i++) pixels[place + i] = sum[3] ? Math.round(sum[i] / sum[3]) : 0;
      pixels[place + 3] = Math.round((255 * sum[3]) / FINE ** 2);
    }
  }
  return png(pixels, size);
}

function insideRoundedSquare(x, y, radius = 8) {
  const past = (place) => Math.max(radius - place, place - (SIDE - radius), 0);
  return Math.hypot(past(x), past(y)) <= radius;
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
      for (let step = 1; step <= 40; step++) corners.push(bezier(at, first, second, end, step / 40));
      [at, control] = [end, second];
    }
  }
  return corners;
}

function bezier(a, b, c, d, t) {
  const s = 1 - t;
  return [0, 1].map((i) => s ** 3 * a[i] + 3 * s * s * t * b[i] + 3 * s * t * t * c[i] + t ** 3 * d[i]);
}

/** Whether a ray to the right crosses the outline an odd number of times. */
function isInside(outline, x, y) {
  let inside = false;
  outline.forEach(([x1, y1], i) => {
    const [x2, y2] = outline[(i + 1) % outline.length];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  });
  return inside;
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
