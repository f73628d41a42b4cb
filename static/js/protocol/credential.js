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

async function pinnedKey(blindKey) {
  const key = await importBlindKey(blindKey);
  if ((await fingerprintOf(key)) !== blindKey.fingerprint) {
    throw new ProtocolError('credential_invalid', 'the key is not the one of the fingerprint');
  }
  return key;
}

/** What a machine is shown of a code: the half of it that `info` names (HKDF-SHA256, RFC 5869). */
export async function halfOfCode(code, info) {
  const extracted = await hmac(new Uint8Array(32), fromInteger(valueOfCode(code), 16));
  return toBase64Url(await hmac(extracted, concatBytes(utf8(info), Uint8Array.of(1))));
}

/** What the box is shown of a code; in version 1 the code itself. */
export async function codeToSend({ frozen, id }, code) {
  return frozen ? halfOfCode(code, `pingyi box:${id}`) : code;
}

/** The token of a new credential: the public half of a key for its one ballot, with the private one; random in version 1. */
async function newToken({ frozen }) {
  if (!frozen) return { token: randomBytes(32) };
  const pair = await crypto.subtle.generateKey(ONE_TIME, true, ['sign', 'verify']);
  return { token: await exportPublicKey(pair.publicKey), key: await crypto.subtle.exportKey('jwk', pair.privateKey) };
}

/** @returns {Promise<{message: string, blinded: string, inverse: string}>} base64url: `context` ‖ `content`, blinded for `blindKey`. */
export async function blindMessage(blindKey, context, content) {
  const message = prepare(concatBytes(utf8(context), content));
  const { blinded, inverse } = await blind(await pinnedKey(blindKey), message);
  return { message: toBase64Url(message), blinded: toBase64Url(blinded), inverse: toBase64Url(inverse) };
}

/** The signature, base64url, of what `blindMessage` made. */
export async function unblind(blindKey, pending, blindSignature) {
  const [message, inverse] = [pending.message, pending.inverse].map(fromBase64Url);
  return toBase64Url(await finalize(await pinnedKey(blindKey), message, fromBase64Url(blindSignature), inverse));
}

/** @returns {Promise<{message: string, blinded: string, inverse: string, key?: JsonWebKey}>} base64url, and the one-time key. */
export async function beginCredential(description) {
  requireSealable(description);
  const { token, key } = await newToken(description);
  return { ...(await blindMessage(description.blind_key, `ballot:${description.id}:`, token)), key };
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
  return { message: pending.message, signature: await unblind(description.blind_key, pending, blindSignature), key: pending.key };
}
