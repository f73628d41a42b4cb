// A receipt as a QR code (ISO/IEC 18004): 19 characters fit version 1-M, alphanumeric, so nothing else is here.

const QR_SIZE = 21;
const QR_DATA = 16;
const QR_CHECK = 10;
const QR_CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const QR_FORMAT = 0b101010000010010; // level M, mask 0, as the standard's table C.1 has it

function dataBytes(text) {
  const bits = [];
  const push = (value, count) => {
    for (let i = count - 1; i >= 0; i -= 1) bits.push((value >> i) & 1);
  };
  push(2, 4);
  push(text.length, 9);
  const values = [...text].map((character) => QR_CHARACTERS.indexOf(character));
  for (let i = 0; i + 1 < values.length; i += 2) push(values[i] * 45 + values[i + 1], 11);
  if (values.length % 2) push(values[values.length - 1], 6);
  push(0, Math.min(4, 8 * QR_DATA - bits.length));
  while (bits.length % 8) bits.push(0);
  const bytes = [];
  for (let i = 0; i < bits.length; i += 8) bytes.push(parseInt(bits.slice(i, i + 8).join(''), 2));
  for (let pad = 0xec; bytes.length < QR_DATA; pad ^= 0xec ^ 0x11) bytes.push(pad);
  return bytes;
}

/** Product in GF(256) modulo x⁸ + x⁴ + x³ + x² + 1. */
function fieldProduct(a, b) {
  let product = 0;
  for (let i = 7; i >= 0; i -= 1) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((b >> i) & 1) * a;
  }
  return product;
}

/** Reed-Solomon check bytes: the remainder by (x − 1)(x − 2)(x − 4)… */
function checkBytes(data) {
  const generator = Array(QR_CHECK - 1).fill(0).concat(1);
  for (let i = 0, root = 1; i < QR_CHECK; i += 1, root = fieldProduct(root, 2)) {
    for (let j = 0; j < QR_CHECK; j += 1) {
      generator[j] = fieldProduct(generator[j], root) ^ (j + 1 < QR_CHECK ? generator[j + 1] : 0);
    }
  }
  const rest = Array(QR_CHECK).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    generator.forEach((coefficient, j) => { rest[j] ^= fieldProduct(coefficient, factor); });
  }
  return rest;
}

/** Finders, timing, the dark module and the format, on a grid where null is still free. */
function fixedPattern() {
  const grid = Array.from({ length: QR_SIZE }, () => Array(QR_SIZE).fill(null));
  for (let i = 8; i < QR_SIZE - 8; i += 1) grid[6][i] = grid[i][6] = (i + 1) % 2;
  for (const [x, y] of [[3, 3], [QR_SIZE - 4, 3], [3, QR_SIZE - 4]]) {
    for (let dy = -4; dy <= 4; dy += 1) {
      for (let dx = -4; dx <= 4; dx += 1) {
        const ring = Math.max(Math.abs(dx), Math.abs(dy));
        if (grid[y + dy] && x + dx >= 0 && x + dx < QR_SIZE) grid[y + dy][x + dx] = ring === 2 || ring === 4 ? 0 : 1;
      }
    }
  }
  const bit = (i) => (QR_FORMAT >> i) & 1;
  for (let i = 0; i < 8; i += 1) {
    grid[i < 6 ? i : i + 1][8] = bit(i);
    grid[8][QR_SIZE - 1 - i] = bit(i);
  }
  for (let i = 8; i < 15; i += 1) {
    grid[8][i === 8 ? 7 : 14 - i] = bit(i);
    grid[QR_SIZE - 15 + i][8] = bit(i);
  }
  grid[QR_SIZE - 8][8] = 1;
  return grid;
}

/** @returns {number[][]} rows of 0 (light) and 1 (dark), without the quiet zone of four. */
export function qrOfReceipt(text) {
  const data = dataBytes(text);
  const bytes = data.concat(checkBytes(data));
  const grid = fixedPattern();
  let at = 0;
  for (let right = QR_SIZE - 1; right > 0; right -= right === 8 ? 3 : 2) {
    const upward = ((QR_SIZE - 1 - (right < 6 ? right + 1 : right)) / 2) % 2 === 0;
    for (let step = 0; step < QR_SIZE; step += 1) {
      const y = upward ? QR_SIZE - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (grid[y][x] === null) {
          grid[y][x] = ((bytes[at >> 3] >> (7 - (at & 7))) & 1) ^ ((x + y + 1) % 2);
          at += 1;
        }
      }
    }
  }
  return grid;
}
