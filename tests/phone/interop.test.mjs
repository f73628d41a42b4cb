// Against independent implementations: @cloudflare/blindrsa-ts and @hpke/core, both directions.
// Run from a folder where they are installed: INTEROP=/that/folder node --test interop.test.mjs
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { blind, finalize, importBlindKey, prepare, verify } from '../../static/js/protocol/blindrsa.js';
import { utf8 } from '../../static/js/protocol/bytes.js';
import { exportPublicKey, generateKeyPair, hpkeOpen, hpkeSeal } from '../../static/js/protocol/hpke.js';

const require = createRequire(pathToFileURL(join(process.env.INTEROP, 'package.json')));
const load = async (name) => import(pathToFileURL(require.resolve(name)).href);
const { RSABSSA } = await load('@cloudflare/blindrsa-ts');
const { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } = await load('@hpke/core');

const suite = RSABSSA.SHA384.PSS.Randomized();
const hpke = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
const parameters = { modulusLength: 3072, publicExponent: Uint8Array.of(1, 0, 1) };
const keys = await suite.generateKey(parameters);
const jwk = await crypto.subtle.exportKey('jwk', keys.publicKey);
const ours = await importBlindKey({ n: jwk.n, e: 65537 });

test('our blinding, their signing, our finalizing, their verifying', async () => {
  const message = prepare(utf8('ballot'));
  const { blinded, inverse } = await blind(ours, message);
  const signature = await finalize(ours, message, await suite.blindSign(keys.privateKey, blinded), inverse);
  assert.equal(await suite.verify(keys.publicKey, signature, message), true);
  await assert.rejects(finalize(ours, prepare(utf8('another')), await suite.blindSign(keys.privateKey, blinded), inverse));
});

test('their blinding and finalizing, our verifying', async () => {
  const message = suite.prepare(utf8('ballot'));
  const { blindedMsg, inv } = await suite.blind(keys.publicKey, message);
  const signature = await suite.finalize(keys.publicKey, message, await suite.blindSign(keys.privateKey, blindedMsg), inv);
  assert.equal(await verify(ours, message, signature), true);
  assert.equal(await verify(ours, prepare(utf8('ballot')), signature), false);
});

test('our sealing, their opening', async () => {
  const pair = await hpke.kem.generateKeyPair();
  const point = new Uint8Array(await hpke.kem.serializePublicKey(pair.publicKey));
  const sealed = await hpkeSeal(point, utf8('pingyi:ab'), utf8('secret'));
  const recipient = await hpke.createRecipientContext({
    recipientKey: pair.privateKey, enc: sealed.slice(0, 65).buffer, info: utf8('pingyi:ab').buffer,
  });
  assert.equal(new TextDecoder().decode(await recipient.open(sealed.slice(65).buffer)), 'secret');
});

test('their sealing, our opening', async () => {
  const pair = await generateKeyPair();
  const point = await exportPublicKey(pair.publicKey);
  const recipientPublicKey = await hpke.kem.deserializePublicKey(point.buffer);
  const sender = await hpke.createSenderContext({ recipientPublicKey, info: utf8('pingyi:ab').buffer });
  const sealed = await sender.seal(utf8('secret').buffer);
  const joined = new Uint8Array([...new Uint8Array(sender.enc), ...new Uint8Array(sealed)]);
  assert.equal(new TextDecoder().decode(await hpkeOpen(pair.privateKey, point, utf8('pingyi:ab'), joined)), 'secret');
});
