// A key holder's key file: the PKCS #8 private key, encrypted with a passphrase (PBKDF2-SHA256, AES-256-GCM).
import { equalBytes, fromBase64Url, randomBytes, toBase64Url, utf8 } from './bytes.js';
import { ProtocolError } from './errors.js';
import { exportPublicKey, hpkeOpen, hpkeSeal } from './hpke.js';

const ITERATIONS = 600000;

async function fileCipher(passphrase, salt, iterations) {
  const secret = await crypto.subtle.importKey('raw', utf8(passphrase.normalize('NFC')), 'PBKDF2', false, ['deriveKey']);
  const kdf = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  return crypto.subtle.deriveKey(kdf, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

function gcm(nonce, roundId) {
  return { name: 'AES-GCM', iv: nonce, additionalData: utf8(`pingyi-key:${roundId}`) };
}

/** @returns {Promise<string>} the text of the key file. */
export async function createKeyFile({ slug, roundId, holder, passphrase, pair }) {
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const cipher = await fileCipher(passphrase, salt, ITERATIONS);
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', pair.privateKey);
  const ciphertext = await crypto.subtle.encrypt(gcm(nonce, roundId), cipher, pkcs8);
  const file = {
    format: 'pingyi-key', version: 1, round: slug, round_id: roundId, holder,
    public_key: toBase64Url(await exportPublicKey(pair.publicKey)),
    kdf: { name: 'PBKDF2-SHA256', iterations: ITERATIONS, salt: toBase64Url(salt) },
    cipher: 'AES-256-GCM', nonce: toBase64Url(nonce), ciphertext: toBase64Url(new Uint8Array(ciphertext)),
  };
  return JSON.stringify(file, null, 1) + '\n';
}

function readFile(text, roundId) {
  let file;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw new ProtocolError('not_a_key_file');
  }
  if (!file || file.format !== 'pingyi-key' || file.version !== 1) throw new ProtocolError('not_a_key_file');
  if (file.round_id !== roundId) throw new ProtocolError('key_of_another_round');
  return file;
}

async function decryptKey(file, passphrase) {
  const { iterations, salt } = file.kdf;
  const cipher = await fileCipher(passphrase, fromBase64Url(salt), iterations);
  const nonce = fromBase64Url(file.nonce);
  return crypto.subtle.decrypt(gcm(nonce, file.round_id), cipher, fromBase64Url(file.ciphertext));
}

/** The stated public half may have been swapped: the private one must open what is sealed to it. */
async function checkHalves(privateKey, publicKey) {
  const probe = randomBytes(32);
  const sealed = await hpkeSeal(publicKey, new Uint8Array(0), probe);
  const opened = await hpkeOpen(privateKey, publicKey, new Uint8Array(0), sealed);
  if (!equalBytes(opened, probe)) throw new ProtocolError('not_a_key_file');
}

/**
 * @returns {Promise<{privateKey: CryptoKey, publicKey: Uint8Array}>}
 * Throws `not_a_key_file`, `key_of_another_round` or `wrong_passphrase`.
 */
export async function openKeyFile(text, passphrase, roundId) {
  const file = readFile(text, roundId);
  const pkcs8 = await decryptKey(file, passphrase).catch(() => {
    throw new ProtocolError('wrong_passphrase');
  });
  try {
    const curve = { name: 'ECDH', namedCurve: 'P-256' };
    const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, curve, false, ['deriveBits']);
    const publicKey = fromBase64Url(file.public_key);
    await checkHalves(privateKey, publicKey);
    return { privateKey, publicKey };
  } catch (error) {
    throw new ProtocolError('not_a_key_file');
  }
}
