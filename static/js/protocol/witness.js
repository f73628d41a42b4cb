// The phone's half of a round with a witness: a stamp and a ticket beside the box's credential, and the ballot sealed once
// more, to the box, for its way through the witness (docs/formats.md, "A round with a witness").
import { concatBytes, fromBase64Url, randomBytes, sha256, toBase64Url, toHex, utf8 } from './bytes.js';
import { blindMessage, halfOfCode, unblind } from './credential.js';
import { canonicalJson } from './description.js';
import { hpkeSeal } from './hpke.js';

/**
 * Stamp and ticket, blinded.
 * @param {string} message the box's, base64url; the stamp is on its token. Nothing in the ticket is in the ballot.
 */
export async function beginStamp({ id, witness }, message) {
  const token = fromBase64Url(message).slice(-65);
  const stamp = await blindMessage(witness.stamp_key, `stamp:${id}:`, token);
  return { stamp, ticket: await blindMessage(witness.ticket_key, `post:${id}:`, randomBytes(32)) };
}

/** What the witness is asked for, with the digest of what this phone was served. */
export async function stampRequest({ id, frozen }, { code, stamp, ticket }) {
  const description = toHex(await sha256(utf8(canonicalJson(frozen))));
  return { code: await halfOfCode(code, `pingyi witness:${id}`), description, stamp: stamp.blinded, ticket: ticket.blinded };
}

/** @returns what the credential has more in such a round; throws `credential_invalid` when the witness signed wrongly. */
export async function finishStamp({ witness }, { stamp, ticket }, reply) {
  return {
    stamp_message: stamp.message,
    stamp: await unblind(witness.stamp_key, stamp, reply.stamp),
    ticket_message: ticket.message,
    ticket_signature: await unblind(witness.ticket_key, ticket, reply.ticket),
  };
}

/** What is posted of a ballot: the ticket, and all else where only the box can read it. Another blob every time. */
export async function enclose({ id, witness }, { credential, proof, sealed }) {
  const { message, signature, stamp_message, stamp, ticket_message, ticket_signature } = credential;
  const ballot = concatBytes(...[message, signature, stamp_message, stamp, proof, sealed].map(fromBase64Url));
  const blob = await hpkeSeal(fromBase64Url(witness.post_key), utf8(`pingyi-post:${id}`), ballot);
  return { ticket_message, ticket_signature, blob: toBase64Url(blob) };
}

/** Whether the witness signed that it holds the blob. */
export async function isAcknowledged({ id, witness }, blob, { hash, signature }) {
  const posted = await sha256(fromBase64Url(blob));
  if (hash !== toHex(posted)) return false;
  const curve = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await crypto.subtle.importKey('raw', fromBase64Url(witness.signing_key), curve, true, ['verify']);
  const text = concatBytes(utf8(`pingyi-posted:${id}:`), posted);
  return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, fromBase64Url(signature), text);
}
