// The round as the server describes it, and the 核对号 by which it is compared with what the office handed out.
import { utf8 } from './bytes.js';
import { receiptOf } from './crockford.js';
import { ProtocolError } from './errors.js';

/** Canonical JSON (RFC 8785): what `JSON.stringify` writes, with sorted names. */
export function canonicalJson(value) {
  if (Array.isArray(value)) return `[${value.map(canonicalJson)}]`;
  if (!value || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`)}}`;
}

/** Both versions in one shape; what was frozen stands before what may still change. */
export function readDescription(served) {
  return { ...served, ...served.frozen };
}

/** First 80 bits of the frozen digest as 16 characters; '' for version 1, which has no such digest. */
export async function checkNumberOf({ frozen }) {
  return frozen ? receiptOf(utf8(canonicalJson(frozen))) : '';
}

/** Refuse a round of which nobody could open a ballot. */
export function requireSealable({ complete, holders, quorum }) {
  if (complete === false || !(quorum > 0 && quorum <= holders.length)) throw new ProtocolError('incomplete');
}
