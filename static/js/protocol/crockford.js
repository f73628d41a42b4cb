// Crockford base32, invitation codes with their two check characters, and receipts.
import { sha256 } from './bytes.js';
import { ProtocolError } from './errors.js';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHECK_MODULUS = 1021n;

function crockfordText(value, characters) {
  let text = '';
  for (let i = 0; i < characters; i += 1, value >>= 5n) text = CROCKFORD[Number(value & 31n)] + text;
  return text.replace(/.{4}(?=.)/g, '$&-');
}

function crockfordValue(text) {
  let value = 0n;
  for (const character of text) value = (value << 5n) | BigInt(CROCKFORD.indexOf(character));
  return value;
}

/** Upper case, no spaces, hyphens or look-alikes: what a person may type in many ways, in one way. */
export function tidyCode(text) {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s‐-―_.·-]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
}

/**
 * Read a typed or linked code forgivingly and return its one written form, XXXX-XXXX-….
 * Throws `code_mistyped` when a character is missing, foreign or wrong.
 */
export function parseCode(text) {
  const tidy = tidyCode(text);
  if (tidy.length !== 28 || [...tidy].some((c) => !CROCKFORD.includes(c))) {
    throw new ProtocolError('code_mistyped');
  }
  const value = crockfordValue(tidy.slice(0, 26));
  const check = crockfordValue(tidy.slice(26));
  if (value >> 128n || value % CHECK_MODULUS !== check) throw new ProtocolError('code_mistyped');
  return tidy.replace(/.{4}(?=.)/g, '$&-');
}

/** First 80 bits of SHA-256(sealed), as 16 characters in groups of four. */
export async function receiptOf(sealed) {
  const digest = await sha256(sealed);
  const value = digest.slice(0, 10).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return crockfordText(value, 16);
}
