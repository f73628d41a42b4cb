// A key holder's key is made in the holder's browser. The server gets the public half, and a proof that the
// saved file opens what is sealed to it; the private half leaves the browser only inside the encrypted file.
import { fromBase64Url, toBase64Url, utf8 } from '../protocol/bytes.js';
import { exportPublicKey, generateKeyPair, hpkeOpen } from '../protocol/hpke.js';
import { createKeyFile, openKeyFile } from '../protocol/keyfile.js';

/** @returns {Promise<{publicKey: string, text: string}>} the public half (base64url) and the text of the key file. */
export async function makeKey({ slug, roundId, holder, passphrase }) {
  const pair = await generateKeyPair();
  const text = await createKeyFile({ slug, roundId, holder, passphrase, pair });
  return { publicKey: toBase64Url(await exportPublicKey(pair.publicKey)), text };
}

/** The public half that a key file states, or '' when it is no key file; whether it is true, `proveKey` finds out. */
export function statedPublicKey(text) {
  try {
    return JSON.parse(text).public_key || '';
  } catch (error) {
    return '';
  }
}

/**
 * Open the server's challenge with the file as it was read back from disk.
 * @returns {Promise<string>} the 32 bytes of the proof, base64url.
 * Throws `not_a_key_file`, `key_of_another_round`, `wrong_passphrase`, or `not_this_key` when the file is an older one.
 */
export async function proveKey({ text, passphrase, roundId, challenge }) {
  const { privateKey, publicKey } = await openKeyFile(text, passphrase, roundId);
  const info = utf8(`pingyi-proof:${roundId}`);
  try {
    return toBase64Url(await hpkeOpen(privateKey, publicKey, info, fromBase64Url(challenge)));
  } catch (error) {
    throw Object.assign(new Error('not_this_key'), { code: 'not_this_key' });
  }
}

export function keyFileName(slug, holder) {
  return `pingyi-${slug}-${holder}.key.json`;
}

/** Hand `text` to the browser's downloads. */
export function saveAsFile(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
