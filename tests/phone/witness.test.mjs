// The phone's half of a round with a witness, against docs/vectors.json.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { blind, finalize, importBlindKey, prepare } from '../../static/js/protocol/blindrsa.js';
import { concatBytes, fromBase64Url, fromHex, toBase64Url, toHex, utf8 } from '../../static/js/protocol/bytes.js';
import { halfOfCode } from '../../static/js/protocol/credential.js';
import { checkNumberOf, readDescription } from '../../static/js/protocol/description.js';
import { hpkeOpen } from '../../static/js/protocol/hpke.js';
import { modularInverse } from '../../static/js/protocol/integers.js';
import { beginStamp, enclose, finishStamp, isAcknowledged, stampRequest } from '../../static/js/protocol/witness.js';

const whole = JSON.parse(readFileSync(new URL('../../docs/vectors.json', import.meta.url), 'utf8'));
const { chosen } = whole;
const known = whole.witness;
const description = readDescription(known.round);
const { id, witness } = description;
const code = known.invitation.link.split('#')[1].slice(0, 34);

/** What the phone keeps between asking and the answer, with the randomness of the vectors. */
async function pendingWith(key, { message }) {
  const imported = await importBlindKey(key);
  const factor = BigInt(`0x${chosen.blinding_factor}`);
  const unit = { factor, inverse: modularInverse(factor, imported.n) };
  const { blinded, inverse } = await blind(imported, fromBase64Url(message), { salt: fromHex(chosen.pss_salt), unit });
  return { message, blinded: toBase64Url(blinded), inverse: toBase64Url(inverse) };
}

async function pendingOfVectors() {
  return { code, stamp: await pendingWith(witness.stamp_key, known.stamp), ticket: await pendingWith(witness.ticket_key, known.ticket) };
}

test('a half of the code for each machine', async () => {
  assert.equal(await halfOfCode(code, `pingyi witness:${id}`), known.invitation.witness_code);
  assert.equal(await halfOfCode(code, `pingyi box:${id}`), known.invitation.box_code);
  assert.equal(await checkNumberOf(description), known.frozen.check_number);
});

test('the request for stamp and ticket, and what becomes of the answer', async () => {
  const pending = await pendingOfVectors();
  assert.deepEqual(await stampRequest(description, pending), known.stamp_request);
  const reply = { stamp: known.stamp.blind_signature, ticket: known.ticket.blind_signature };
  assert.deepEqual(await finishStamp(description, pending, reply), {
    stamp_message: known.stamp.message, stamp: known.stamp.signature,
    ticket_message: known.ticket.message, ticket_signature: known.ticket.signature,
  });
});

test('a wrong stamp, and a stamp for a ticket, are refused', async () => {
  const pending = await pendingOfVectors();
  const [stamp, ticket] = [known.stamp.blind_signature, known.ticket.blind_signature];
  const wrong = toBase64Url(fromBase64Url(stamp).map((byte, i) => (i ? byte : byte ^ 1)));
  for (const reply of [{ stamp: wrong, ticket }, { stamp, ticket: wrong }, { stamp: ticket, ticket: stamp }]) {
    await assert.rejects(finishStamp(description, pending, reply), { code: 'credential_invalid' });
  }
});

test('the stamp is on the token of the box, the ticket on nothing of it', async () => {
  const token = fromBase64Url(known.stamp.message).slice(-65);
  const message = toBase64Url(prepare(concatBytes(utf8(`ballot:${id}:`), token)));
  const [first, second] = [await beginStamp(description, message), await beginStamp(description, message)];
  assert.deepEqual(fromBase64Url(first.stamp.message).slice(32), fromBase64Url(known.stamp.message).slice(32));
  const ticket = fromBase64Url(first.ticket.message);
  assert.equal(ticket.length, 102);
  assert.deepEqual(ticket.slice(32, -32), utf8(`post:${id}:`));
  for (const part of ['stamp', 'ticket']) assert.notEqual(first[part].message, second[part].message);
  assert.notDeepEqual(ticket.slice(-32), fromBase64Url(second.ticket.message).slice(-32));
});

test('only the box reads what is posted', async () => {
  const { message, signature, stamp_message, stamp, proof, sealed } = JSON.parse(known.line);
  const { ticket_message, ticket_signature } = known.post.request;
  const record = { credential: { message, signature, stamp_message, stamp, ticket_message, ticket_signature }, proof, sealed };
  const post = await enclose(description, record);
  assert.deepEqual([post.ticket_message, post.ticket_signature], [ticket_message, ticket_signature]);
  assert.equal(fromBase64Url(post.blob).length, fromBase64Url(sealed).length + 1186);
  const expected = toHex(fromBase64Url(known.post.packed_without_sealed)) + toHex(fromBase64Url(sealed));
  const point = fromBase64Url(witness.post_key);
  const jwk = {
    kty: 'EC', crv: 'P-256', ext: true, d: toBase64Url(fromHex(known.chosen.post_private_key)),
    x: toBase64Url(point.slice(1, 33)), y: toBase64Url(point.slice(33)),
  };
  const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
  for (const blob of [post.blob, known.post.blob]) {
    const opened = await hpkeOpen(key, point, utf8(`pingyi-post:${id}`), fromBase64Url(blob));
    assert.equal(toHex(opened), expected);
  }
});

test('an acknowledgement is of this blob, this round and this witness', async () => {
  const { blob, answer } = known.post;
  assert.equal(await isAcknowledged(description, blob, answer), true);
  const other = toBase64Url(fromBase64Url(blob).map((byte, i) => (i ? byte : byte ^ 1)));
  assert.equal(await isAcknowledged(description, other, answer), false);
  assert.equal(await isAcknowledged(description, blob, { ...answer, hash: 'ff'.repeat(32) }), false);
  assert.equal(await isAcknowledged(description, blob, { ...answer, signature: known.batch.signature }), false);
  assert.equal(await isAcknowledged({ id: 'ff'.repeat(16), witness }, blob, answer), false);
  const swapped = { ...witness, signing_key: witness.post_key };
  assert.equal(await isAcknowledged({ id, witness: swapped }, blob, answer), false);
});
