// The credential: prepared and blinded before the request, finalized after it. Both halves can be kept as JSON,
// so that a lost reply or a killed browser is followed by the same request again.
import { concatBytes, fromBase64Url, randomBytes, toBase64Url, utf8 } from './bytes.js';
import { blind, finalize, fingerprintOf, importBlindKey, prepare } from './blindrsa.js';
import { valueOfCode } from './crockford.js';
import { requireSealable } from './description.js';
import { ProtocolError } from './errors.js';
import { exportPublicKey, hmac } from './hpke.js';
import { fromInteger } from './integers.js';

const ONE_TIME = { name: 'ECDSA', namedCurve: 'P-256' };

async function pinnedKey(description) {
  const key = await importBlindKey(description.blind_key);
  if ((await fingerprintOf(key)) !== description.blind_key.fingerprint) {
    throw new ProtocolError('credential_invalid', 'the key is not the one of the fingerprint');
  }
  return key;
}

/** What the server is shown of a code: the box's half of it (HKDF-SHA256, RFC 5869); in version 1 the code itself. */
export async function codeToSend({ frozen, id }, code) {
  if (!frozen) return code;
  const extracted = await hmac(new Uint8Array(32), fromInteger(valueOfCode(code), 16));
  return toBase64Url(await hmac(extracted, concatBytes(utf8(`pingyi box:${id}`), Uint8Array.of(1))));
}

/** The token of a new credential: the public half of a key for its one ballot, with the private one; random in version 1. */
async function newToken({ frozen }) {
  if (!frozen) return { token: randomBytes(32) };
  const pair = await crypto.subtle.generateKey(ONE_TIME, true, ['sign', 'verify']);
  return { token: await exportPublicKey(pair.publicKey), key: await crypto.subtle.exportKey('jwk', pair.privateKey) };
}

/** @returns {Promise<{message: string, blinded: string, inverse: string, key?: JsonWebKey}>} base64url, and the one-time key. */
export async function beginCredential(description) {
  requireSealable(description);
  const blindKey = await pinnedKey(description);
  const { token, key } = await newToken(description);
  const message = prepare(concatBytes(utf8(`ballot:${description.id}:`), token));
  const { blinded, inverse } = await blind(blindKey, message);
  return { message: toBase64Url(message), blinded: toBase64Url(blinded), inverse: toBase64Url(inverse), key };
}

/** What ties `sealed` to its credential; undefined in version 1. */
export async function proofOf({ id }, { key }, sealed) {
  if (!key) return undefined;
  const signing = await crypto.subtle.importKey('jwk', key, ONE_TIME, false, ['sign']);
  const text = concatBytes(utf8(`pingyi-ballot:${id}:`), sealed);
  return toBase64Url(new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, signing, text)));
}

/** @returns {Promise<{message: string, signature: string, key?: JsonWebKey}>} the credential. */
export async function finishCredential(description, pending, blindSignature) {
  const key = await pinnedKey(description);
  const [message, inverse] = [pending.message, pending.inverse].map(fromBase64Url);
  const signature = await finalize(key, message, fromBase64Url(blindSignature), inverse);
  return { message: pending.message, signature: toBase64Url(signature), key: pending.key };
}
