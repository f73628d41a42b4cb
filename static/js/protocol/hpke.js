// HPKE single shot (RFC 9180), base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
// Written as enc (65 bytes) ‖ ciphertext. No additional data.
import { concatBytes, utf8 } from './bytes.js';

const CURVE = { name: 'ECDH', namedCurve: 'P-256' };
const ENC_BYTES = 65;
/** The suite's AEAD; RFC 9180 publishes P-256 vectors for AES-128-GCM, which the tests put in its place. */
export const AES_256_GCM = { id: 2, keyBytes: 32 };

const KEM_SUITE = concatBytes(utf8('KEM'), Uint8Array.of(0, 0x10));
function hpkeSuite(aead) {
  return concatBytes(utf8('HPKE'), Uint8Array.of(0, 0x10, 0, 1, 0, aead.id));
}

export async function hmac(key, data) {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, data));
}

// HMAC pads an absent salt with zeros anyway; WebCrypto refuses an empty key.
function labeledExtract(suite, salt, label, input) {
  const key = salt.length ? salt : new Uint8Array(32);
  return hmac(key, concatBytes(utf8('HPKE-v1'), suite, utf8(label), input));
}

async function labeledExpand(suite, secret, label, info, size) {
  const labeled = concatBytes(Uint8Array.of(0, size), utf8('HPKE-v1'), suite, utf8(label), info);
  const block = await hmac(secret, concatBytes(labeled, Uint8Array.of(1)));
  return block.slice(0, size); // never more than the 32 bytes of one block
}

async function sharedSecret(privateKey, publicKey, context) {
  const dh = new Uint8Array(await crypto.subtle.deriveBits({ name: 'ECDH', public: publicKey }, privateKey, 256));
  const extracted = await labeledExtract(KEM_SUITE, new Uint8Array(0), 'eae_prk', dh);
  return labeledExpand(KEM_SUITE, extracted, 'shared_secret', context, 32);
}

/** KeySchedule (RFC 9180 §5.1) in base mode: the key and the first nonce. */
export async function keySchedule(shared, info, aead = AES_256_GCM) {
  const suite = hpkeSuite(aead);
  const none = new Uint8Array(0);
  const pskHash = await labeledExtract(suite, none, 'psk_id_hash', none);
  const infoHash = await labeledExtract(suite, none, 'info_hash', info);
  const context = concatBytes(Uint8Array.of(0), pskHash, infoHash);
  const secret = await labeledExtract(suite, shared, 'secret', none);
  const key = await labeledExpand(suite, secret, 'key', context, aead.keyBytes);
  const nonce = await labeledExpand(suite, secret, 'base_nonce', context, 12);
  return { key, nonce };
}

async function aesKey(schedule, use) {
  return crypto.subtle.importKey('raw', schedule.key, 'AES-GCM', false, [use]);
}

export function importPublicKey(point) {
  return crypto.subtle.importKey('raw', point, CURVE, true, []);
}

export async function exportPublicKey(publicKey) {
  return new Uint8Array(await crypto.subtle.exportKey('raw', publicKey));
}

export function generateKeyPair() {
  return crypto.subtle.generateKey(CURVE, true, ['deriveBits']);
}

/**
 * Seal to the point `recipient` (65 bytes).
 * @param {{ephemeral?: CryptoKeyPair, aead?: object, aad?: Uint8Array}} options for test vectors only.
 */
export async function hpkeSeal(recipient, info, plaintext, { ephemeral, aead, aad } = {}) {
  const pair = ephemeral || (await generateKeyPair());
  const enc = await exportPublicKey(pair.publicKey);
  const shared = await sharedSecret(pair.privateKey, await importPublicKey(recipient), concatBytes(enc, recipient));
  const schedule = await keySchedule(shared, info, aead);
  const cipher = { name: 'AES-GCM', iv: schedule.nonce, additionalData: aad || new Uint8Array(0) };
  const sealed = await crypto.subtle.encrypt(cipher, await aesKey(schedule, 'encrypt'), plaintext);
  return concatBytes(enc, new Uint8Array(sealed));
}

/** Open what was sealed to `publicPoint`; rejects when the key or any byte is wrong. */
export async function hpkeOpen(privateKey, publicPoint, info, message, { aead, aad } = {}) {
  const enc = message.slice(0, ENC_BYTES);
  const shared = await sharedSecret(privateKey, await importPublicKey(enc), concatBytes(enc, publicPoint));
  const schedule = await keySchedule(shared, info, aead);
  const cipher = { name: 'AES-GCM', iv: schedule.nonce, additionalData: aad || new Uint8Array(0) };
  const key = await aesKey(schedule, 'decrypt');
  return new Uint8Array(await crypto.subtle.decrypt(cipher, key, message.slice(ENC_BYTES)));
}
