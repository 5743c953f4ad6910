/** Makes a picture of a screen small: the 256 colours that stand for all of it best, each pixel one byte. Nothing but node:zlib. */
import { deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
const COLOURS = 256;

/** Takes and gives a PNG. What it takes is as browsers write it: 8 bits, RGB or RGBA, not interlaced. */
export function smallPng(png) {
  const { width, height, pixels } = decode(png);
  const palette = choose(pixels);
  const indexes = new Map();
  const rows = Buffer.alloc(height * (width + 1));
  for (let at = 0; at < pixels.length; at += 1) {
    const colour = pixels[at];
    if (!indexes.has(colour)) indexes.set(colour, nearest(palette, colour));
    rows[Math.floor(at / width) * (width + 1) + 1 + (at % width)] = indexes.get(colour);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([SIGNATURE, chunk("IHDR", header), chunk("PLTE", Buffer.from(palette.flat())), chunk("IDAT", deflateSync(rows, { level: 9, memLevel: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

function decode(png) {
  const parts = [];
  let width = 0, height = 0, bytes = 0;
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") {
      [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
      bytes = { 2: 3, 6: 4 }[data[9]];
      if (data[8] !== 8 || bytes === undefined || data[12] !== 0) throw new RangeError("not a PNG as browsers write it");
    } else if (type === "IDAT") parts.push(data);
    at += 12 + length;
  }
  const raw = inflateSync(Buffer.concat(parts));
  const line = width * bytes;
  const pixels = new Uint32Array(width * height);
  let above = Buffer.alloc(line);
  for (let y = 0; y < height; y += 1) {
    const row = raw.subarray(y * (line + 1) + 1, (y + 1) * (line + 1));
    unfilter(raw[y * (line + 1)], row, above, bytes);
    for (let x = 0; x < width; x += 1) pixels[y * width + x] = (row[x * bytes] << 16) | (row[x * bytes + 1] << 8) | row[x * bytes + 2];
    above = row;
  }
  return { width, height, pixels };
}

function unfilter(kind, row, above, bytes) {
  for (let x = 0; x < row.length; x += 1) {
    const left = x < bytes ? 0 : row[x - bytes];
    const corner = x < bytes ? 0 : above[x - bytes];
    row[x] += [0, left, above[x], (left + above[x]) >> 1, paeth(left, above[x], corner)][kind];
  }
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((value) => Math.abs(guess - value));
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

const channels = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];

/** Median cut: the box that has the most to lose is cut in two until there are enough. */
function choose(pixels) {
  const counts = new Map();
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  let boxes = [boxOf([...counts].map(([colour, count]) => ({ at: channels(colour), count })))];
  while (boxes.length < COLOURS) {
    boxes.sort((one, other) => other.loss - one.loss);
    const [widest, ...rest] = boxes;
    if (widest.loss === 0) break;
    const sorted = widest.colours.sort((one, other) => one.at[widest.channel] - other.at[widest.channel]);
    const middle = (sorted[0].at[widest.channel] + sorted.at(-1).at[widest.channel]) / 2;
    const cut = sorted.findIndex(({ at }) => at[widest.channel] > middle);
    boxes = [...rest, boxOf(sorted.slice(0, cut)), boxOf(sorted.slice(cut))];
  }
  return boxes.map(({ mean }) => mean);
}

function boxOf(colours) {
  const total = colours.reduce((sum, { count }) => sum + count, 0);
  const mean = [0, 1, 2].map((channel) => Math.round(colours.reduce((sum, { at, count }) => sum + at[channel] * count, 0) / total));
  const spreads = [0, 1, 2].map((channel) => Math.max(...colours.map(({ at }) => at[channel])) - Math.min(...colours.map(({ at }) => at[channel])));
  const channel = spreads.indexOf(Math.max(...spreads));
  return { colours, mean, channel, loss: spreads[channel] * Math.sqrt(total) };
}

function nearest(palette, colour) {
  const wanted = channels(colour);
  const distances = palette.map((mean) => mean.reduce((sum, value, channel) => sum + (value - wanted[channel]) ** 2, 0));
  return distances.indexOf(Math.min(...distances));
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(checksum(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** CRC-32 of ISO 3309, as PNG asks for it. */
function checksum(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}
