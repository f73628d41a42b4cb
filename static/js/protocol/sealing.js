// Sealing: AES-256-GCM under a fresh content key, the key wrapped for every k-subset of key holders.
import { concatBytes, fromBase64Url, randomBytes, utf8 } from './bytes.js';
import { requireSealable } from './description.js';
import { hpkeSeal } from './hpke.js';

/** All k-subsets of 0…n−1, lexicographic. */
export function subsetsOf(n, k, first = 0) {
  if (k === 0) return [[]];
  const subsets = [];
  for (let i = first; i <= n - k; i += 1) {
    for (const rest of subsetsOf(n, k - 1, i + 1)) subsets.push([i, ...rest]);
  }
  return subsets;
}

/** Nested HPKE: innermost to the last holder of the subset, outermost to the first. */
async function wrapFor(points, info, contentKey) {
  let wrapped = contentKey;
  for (const point of points.slice().reverse()) wrapped = await hpkeSeal(point, info, wrapped);
  return wrapped;
}

/** @returns {Promise<Uint8Array>} the sealed ballot of docs/formats.md. */
export async function seal(description, plaintext) {
  requireSealable(description);
  const info = utf8(`pingyi:${description.id}`);
  const points = description.holders.map((holder) => fromBase64Url(holder.public_key));
  const contentKey = randomBytes(32);
  const wraps = [];
  for (const subset of subsetsOf(points.length, description.quorum)) {
    wraps.push(await wrapFor(subset.map((i) => points[i]), info, contentKey));
  }
  const head = concatBytes(Uint8Array.of(1), ...wraps);
  const nonce = randomBytes(12);
  const key = await crypto.subtle.importKey('raw', contentKey, 'AES-GCM', false, ['encrypt']);
  const cipher = { name: 'AES-GCM', iv: nonce, additionalData: concatBytes(info, head) };
  return concatBytes(head, nonce, new Uint8Array(await crypto.subtle.encrypt(cipher, key, plaintext)));
}
