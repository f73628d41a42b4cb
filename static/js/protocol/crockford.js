// Crockford base32, invitation codes with their two check characters, and receipts.
import { sha256 } from './bytes.js';
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHECK_MODULUS = 1021n;
export const CODE_CHARACTERS = 28;
export const CHECK_CHARACTERS = 16;
const CODE_WRITTEN = 34; // with its hyphens

function grouped(text) {
  return text.replace(/.{4}(?=.)/g, '$&-');
}

function crockfordText(value, characters) {
  let text = '';
  for (let i = 0; i < characters; i += 1, value >>= 5n) text = CROCKFORD[Number(value & 31n)] + text;
  return grouped(text);
}

function crockfordValue(text) {
  let value = 0n;
  for (const character of text) value = (value << 5n) | BigInt(CROCKFORD.indexOf(character));
  return value;
}

/** Upper case, no spaces, invisible signs, hyphens or look-alikes: what a person may type in many ways, in one way. */
export function tidyCode(text) {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\u00ad\u200b-\u200d\u2060\ufeff‐-―−_.·-]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
}

/** The one written form of 28 tidy characters, XXXX-XXXX-…; '' when they are no code. */
function checkedCode(tidy) {
  const value = crockfordValue(tidy.slice(0, 26));
  if (value >> 128n || value % CHECK_MODULUS !== crockfordValue(tidy.slice(26))) return '';
  return grouped(tidy);
}

/** The 128 bits of a code as it is written. */
export function valueOfCode(code) {
  return crockfordValue(tidyCode(code).slice(0, 26));
}

/** The code and the 核对号 that `findCode` found, each as it is written; '' where there is none. */
export function splitCode(found) {
  return [found.slice(0, CODE_WRITTEN), found.slice(CODE_WRITTEN + 1)];
}

function unescapedBytes(escapes) {
  const bytes = Uint8Array.from(escapes.match(/[0-9a-f]{2}/gi), (pair) => parseInt(pair, 16));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    return new TextDecoder('gbk').decode(bytes); // what older Chinese messengers write
  }
}

/** Percent escapes of UTF-8 or GBK undone as far as they are some, also when escaped twice. */
function unescaped(text) {
  const once = text
    .replace(/%u([0-9a-f]{4})/gi, (whole, unit) => String.fromCharCode(parseInt(unit, 16)))
    .replace(/(?:%[0-9a-f]{2})+/gi, unescapedBytes);
  return once === text ? text : unescaped(once);
}

/**
 * The 核对号 at the start of what follows `code`; '' when it is too short for one, or a code again. One 核对号 in 4,084 looks
 * with what follows like a code: it is one only where it is the same, or where nothing but it and its 核对号 follows.
 */
function pinIn(rest, code) {
  const [pin, next] = [rest.slice(0, CHECK_CHARACTERS), checkedCode(rest.slice(0, CODE_CHARACTERS))];
  const alone = [0, CHECK_CHARACTERS].includes(rest.length - CODE_CHARACTERS);
  return pin.length === CHECK_CHARACTERS && !(next && (next === code || alone)) ? pin : '';
}

/**
 * The code that stands somewhere in `text`, whatever a messenger put around it, with its 核对号 where one follows: XXXX-…; ''
 * when there is none, or two different ones. A run of code characters is tried from its start first, since what follows a
 * code is as often letters.
 */
export function findCode(text) {
  const runs = tidyCode(unescaped(text)).split(new RegExp(`[^${CROCKFORD}]+`));
  const found = new Map();
  for (const run of runs) {
    for (let at = 0; at + CODE_CHARACTERS <= run.length; at += 1) {
      const code = checkedCode(run.slice(at, at + CODE_CHARACTERS));
      if (code) {
        at += CODE_CHARACTERS - 1;
        const pin = pinIn(run.slice(at + 1), code);
        at += pin.length;
        found.set(code, found.get(code) || grouped(pin));
      }
    }
  }
  return found.size === 1 ? [...found][0].filter(Boolean).join('-') : '';
}

/** First 80 bits of SHA-256(sealed), as 16 characters in groups of four. */
export async function receiptOf(sealed) {
  const digest = await sha256(sealed);
  const value = digest.slice(0, 10).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return crockfordText(value, 16);
}
