// The credential: prepared and blinded before the request, finalized after it. Both halves can be kept as JSON,
// so that a lost reply or a killed browser is followed by the same request again.
import { concatBytes, fromBase64Url, randomBytes, toBase64Url, utf8 } from './bytes.js';
import { ProtocolError } from './errors.js';
import { blind, finalize, fingerprintOf, importBlindKey, prepare } from './blindrsa.js';

async function pinnedKey(description) {
  const key = await importBlindKey(description.blind_key);
  if ((await fingerprintOf(key)) !== description.blind_key.fingerprint) {
    throw new ProtocolError('credential_invalid', 'the key is not the one of the fingerprint');
  }
  return key;
}

/** @returns {Promise<{message: string, blinded: string, inverse: string}>} all base64url. */
export async function beginCredential(description) {
  const key = await pinnedKey(description);
  const message = prepare(concatBytes(utf8(`ballot:${description.id}:`), randomBytes(32)));
  const { blinded, inverse } = await blind(key, message);
  return { message: toBase64Url(message), blinded: toBase64Url(blinded), inverse: toBase64Url(inverse) };
}

/** @returns {Promise<{message: string, signature: string}>} the credential. */
export async function finishCredential(description, pending, blindSignature) {
  const key = await pinnedKey(description);
  const [message, inverse] = [pending.message, pending.inverse].map(fromBase64Url);
  const signature = await finalize(key, message, fromBase64Url(blindSignature), inverse);
  return { message: pending.message, signature: toBase64Url(signature) };
}
