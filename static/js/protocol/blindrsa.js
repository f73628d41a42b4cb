// RSA blind signatures, RSABSSA-SHA384-PSS-Randomized (RFC 9474): the phone's half.
// The server signs a number that it cannot connect with the message that comes back later.
import { concatBytes, fromBase64Url, randomBytes, toBase64Url, toHex, sha256 } from './bytes.js';
import { ProtocolError } from './errors.js';
import { fromInteger, modularInverse, modularPower, toInteger } from './integers.js';

const PSS_HASH = 'SHA-384';
const HASH_BYTES = 48;
const RANDOMIZER_BYTES = 32;
const UNIT_ATTEMPTS = 64; // at least every second draw is below n, whose first bit is one

/** @param {{n: string, e: number}} blindKey as in the round's description. */
export async function importBlindKey(blindKey) {
  const modulus = fromBase64Url(blindKey.n);
  const e = BigInt(blindKey.e);
  const jwk = { kty: 'RSA', n: blindKey.n, e: toBase64Url(fromInteger(e, e > 0xffffn ? 3 : 1)), ext: true };
  const webKey = await crypto.subtle.importKey('jwk', jwk, { name: 'RSA-PSS', hash: PSS_HASH }, true, ['verify']);
  return { n: toInteger(modulus), e, size: modulus.length, webKey };
}

/** Hex SHA-256 of the key's SubjectPublicKeyInfo: what the printed notice shows. */
export async function fingerprintOf(key) {
  return toHex(await sha256(new Uint8Array(await crypto.subtle.exportKey('spki', key.webKey))));
}

/** PrepareRandomize (RFC 9474 §4.1): 32 random bytes in front of the input. */
export function prepare(input, randomizer = randomBytes(RANDOMIZER_BYTES)) {
  return concatBytes(randomizer, input);
}

async function mgf1(seed, size) {
  const blocks = [];
  for (let i = 0; i * HASH_BYTES < size; i += 1) {
    blocks.push(new Uint8Array(await crypto.subtle.digest(PSS_HASH, concatBytes(seed, fromInteger(BigInt(i), 4)))));
  }
  return concatBytes(...blocks).slice(0, size);
}

/** EMSA-PSS-ENCODE (RFC 8017 §9.1.1) for a modulus whose length is a whole number of bytes. */
async function encodePss(message, bits, salt) {
  const size = Math.ceil(bits / 8);
  const digest = new Uint8Array(await crypto.subtle.digest(PSS_HASH, message));
  const salted = concatBytes(new Uint8Array(8), digest, salt);
  const hash = new Uint8Array(await crypto.subtle.digest(PSS_HASH, salted));
  const padding = new Uint8Array(size - salt.length - HASH_BYTES - 2);
  const block = concatBytes(padding, Uint8Array.of(1), salt);
  const mask = await mgf1(hash, block.length);
  const masked = block.map((byte, i) => byte ^ mask[i]);
  masked[0] &= 0xff >> (8 * size - bits);
  return concatBytes(masked, hash, Uint8Array.of(0xbc));
}

/**
 * A blinding factor and its inverse. The inverse is taken of factor · encoded, which exists only when RFC 9474's
 * is_coprime(encoded, n) holds too: one extended Euclid does for both.
 */
function randomUnit(n, size, encoded) {
  for (let attempt = 0; attempt < UNIT_ATTEMPTS; attempt += 1) {
    const factor = toInteger(randomBytes(size));
    const both = factor > 0n && factor < n ? modularInverse((factor * encoded) % n, n) : null;
    if (both !== null) return { factor, inverse: (both * encoded) % n };
  }
  throw new ProtocolError('malformed', 'message shares a factor');
}

/**
 * Blind (RFC 9474 §4.2).
 * @returns {Promise<{blinded: Uint8Array, inverse: Uint8Array}>} `inverse` is the secret that `finalize` needs.
 */
export async function blind(key, prepared, { salt = randomBytes(HASH_BYTES), unit = null } = {}) {
  const encoded = toInteger(await encodePss(prepared, key.n.toString(2).length - 1, salt));
  const { factor, inverse } = unit || randomUnit(key.n, key.size, encoded);
  const blinded = (encoded * modularPower(factor, key.e, key.n)) % key.n;
  return { blinded: fromInteger(blinded, key.size), inverse: fromInteger(inverse, key.size) };
}

/** Finalize (RFC 9474 §4.4): unblind and verify; throws `credential_invalid` when the server signed wrongly. */
export async function finalize(key, prepared, blindSignature, inverse, saltLength = HASH_BYTES) {
  if (blindSignature.length !== key.size) throw new ProtocolError('credential_invalid', 'wrong length');
  const signature = fromInteger((toInteger(blindSignature) * toInteger(inverse)) % key.n, key.size);
  if (!(await verify(key, prepared, signature, saltLength))) throw new ProtocolError('credential_invalid');
  return signature;
}

/** RSASSA-PSS-VERIFY with SHA-384 (RFC 8017 §8.1.2), by WebCrypto. */
export function verify(key, prepared, signature, saltLength = HASH_BYTES) {
  return crypto.subtle.verify({ name: 'RSA-PSS', saltLength }, key.webKey, signature, prepared);
}
