// Merkle trees as in RFC 6962 §2.1 over the published receipts (docs/formats.md), computed here in the browser.
import { concatBytes, equalBytes, sha256 } from '../protocol/bytes.js';

function leafHash(leaf) {
  return sha256(concatBytes(Uint8Array.of(0), leaf));
}

function nodeHash(left, right) {
  return sha256(concatBytes(Uint8Array.of(1), left, right));
}

/** All levels from the leaf hashes up to the root; an odd last node is lifted unchanged. */
async function treeLevels(leaves) {
  const levels = [await Promise.all(leaves.map(leafHash))];
  for (let below = levels[0]; below.length > 1; below = levels[levels.length - 1]) {
    const level = [];
    for (let i = 0; i < below.length; i += 2) {
      level.push(i + 1 < below.length ? nodeHash(below[i], below[i + 1]) : below[i]);
    }
    levels.push(await Promise.all(level));
  }
  return levels;
}

/**
 * The audit path of one leaf, from its sibling upwards.
 * @returns {Promise<Array<{side: string, hash: Uint8Array}>>} `side`: where the sibling stands, "left" or "right".
 */
export async function inclusionPath(leaves, index) {
  const path = [];
  let at = index;
  for (const level of (await treeLevels(leaves)).slice(0, -1)) {
    const sibling = at % 2 ? at - 1 : at + 1;
    if (sibling < level.length) path.push({ side: at % 2 ? 'left' : 'right', hash: level[sibling] });
    at = Math.floor(at / 2);
  }
  return path;
}

/** What a leaf and its path hash up to. */
export async function rootOfPath(leaf, path) {
  let digest = await leafHash(leaf);
  for (const { side, hash } of path) {
    digest = await (side === 'left' ? nodeHash(hash, digest) : nodeHash(digest, hash));
  }
  return digest;
}

/** Whether `path` leads from `leaf` to `root`. */
export async function provesInclusion(leaf, path, root) {
  return equalBytes(await rootOfPath(leaf, path), root);
}
