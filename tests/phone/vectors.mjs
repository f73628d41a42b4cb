// The published vectors of RFC 9474 and RFC 9180. Runs in node (`node --test`) and in a browser (`runVectors`).
import { concatBytes, equalBytes, fromHex, toBase64Url, toHex } from '../../static/js/protocol/bytes.js';
import { blind, finalize, importBlindKey, prepare, verify } from '../../static/js/protocol/blindrsa.js';
import { hpkeOpen, hpkeSeal, importPublicKey, keySchedule } from '../../static/js/protocol/hpke.js';
import { fromInteger, modularInverse, toInteger } from '../../static/js/protocol/integers.js';

/** Import a private scalar of 32 bytes together with its point of 65 bytes. */
function importPrivateKey(scalar, point) {
  const jwk = {
    kty: 'EC', crv: 'P-256', ext: true, d: toBase64Url(scalar),
    x: toBase64Url(point.slice(1, 33)), y: toBase64Url(point.slice(33)),
  };
  return crypto.subtle.importKey('jwk', jwk, { name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
}

function expectEqual(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: ${actual} is not ${expected}`);
}

async function checkBlindSignature(name, v) {
  const key = await importBlindKey({ n: toBase64Url(fromHex(v.n)), e: Number('0x' + v.e) });
  const message = prepare(fromHex(v.msg), fromHex(v.msg_prefix));
  expectEqual(toHex(message), v.prepared_msg, `${name} prepared_msg`);
  const inverse = toInteger(fromHex(v.inv));
  const unit = { factor: modularInverse(inverse, key.n), inverse };
  const blinded = await blind(key, message, { salt: fromHex(v.salt), unit });
  expectEqual(toHex(blinded.blinded), v.blinded_msg, `${name} blinded_msg`);
  const saltLength = v.salt.length / 2;
  const signature = await finalize(key, message, fromHex(v.blind_sig), blinded.inverse, saltLength);
  expectEqual(toHex(signature), v.sig, `${name} sig`);
  const forged = fromInteger(toInteger(signature) + 1n, key.size);
  expectEqual(await verify(key, message, forged, saltLength), false, `${name} forged sig`);
}

async function checkHpke(v) {
  const aead = { id: 1, keyBytes: 16 };
  const [info, enc, recipient] = [v.info, v.enc, v.pkRm].map(fromHex);
  const schedule = await keySchedule(fromHex(v.shared_secret), info, aead);
  expectEqual(toHex(schedule.key), v.key, 'key');
  expectEqual(toHex(schedule.nonce), v.base_nonce, 'base_nonce');
  const { pt, aad, ct } = v.encryptions[0];
  const privateKey = await importPrivateKey(fromHex(v.skRm), recipient);
  const options = { aead, aad: fromHex(aad) };
  const opened = await hpkeOpen(privateKey, recipient, info, concatBytes(enc, fromHex(ct)), options);
  expectEqual(toHex(opened), pt, 'opened');
  const ephemeral = {
    privateKey: await importPrivateKey(fromHex(v.skEm), enc),
    publicKey: await importPublicKey(enc),
  };
  const sealed = await hpkeSeal(recipient, info, fromHex(pt), { ...options, ephemeral });
  if (!equalBytes(sealed, concatBytes(enc, fromHex(ct)))) throw new Error(`sealed: ${toHex(sealed)}`);
}

/** Throws at the first vector that fails; returns how many passed. */
export async function runVectors(blindVectors, hpkeVector) {
  const variants = Object.entries(blindVectors.variants);
  for (const [name, vector] of variants) await checkBlindSignature(name, vector);
  await checkHpke(hpkeVector);
  return variants.length + 1;
}
