// What the vectors do not cover: codes, answers, subsets, key files, and what each of them refuses.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { commentBytes, encodeAnswers, tidyComment } from '../../static/js/protocol/answers.js';
import { fromBase64Url, randomBytes, toBase64Url, toHex, utf8 } from '../../static/js/protocol/bytes.js';
import { mayRetry, postOnce, waitAfter } from '../../static/js/protocol/client.js';
import { codeToSend } from '../../static/js/protocol/credential.js';
import { findCode, receiptOf, splitCode } from '../../static/js/protocol/crockford.js';
import { canonicalJson, checkNumberOf, readDescription, requireSealable } from '../../static/js/protocol/description.js';
import { exportPublicKey, generateKeyPair, hpkeOpen, hpkeSeal } from '../../static/js/protocol/hpke.js';
import { createKeyFile, openKeyFile } from '../../static/js/protocol/keyfile.js';
import { subsetsOf } from '../../static/js/protocol/sealing.js';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const codeOf = (v) => {
  const digits = (value, count) => Array.from({ length: count }, (_, i) => ALPHABET[Number((value >> BigInt(5 * (count - 1 - i))) & 31n)]).join('');
  return digits(v, 26) + digits(v % 1021n, 2);
};
const refuses = (code) => (error) => error.code === code;

test('a code is read in whatever way it is typed', () => {
  const code = codeOf(0x0123456789abcdef0123456789abcdefn);
  const written = code.replace(/.{4}(?=.)/g, '$&-');
  assert.equal(findCode(written), written);
  assert.equal(findCode(written.toLowerCase().replace(/-/g, ' ')), written);
  assert.equal(findCode(code.replace(/0/g, 'o').replace(/1/g, 'l')), written);
  assert.equal(findCode(` ${code.replace(/0/g, 'O').replace(/1/g, 'I')}\n`), written);
});

/** What messengers, scanners and people make of what stands behind the `#` of a link. */
function mangled(link) {
  const wide = [...link].map((c) => (c === '-' ? c : String.fromCharCode(c.charCodeAt(0) + 0xfee0))).join('');
  const gbk = [...link].map((c) => `%A3%${(c.charCodeAt(0) + 0x80).toString(16)}`).join('');
  return [
    link, `${link}%`, `${link}%A3%AC`, `${link}%2`, `${link}。`, `${link})`, `${link}?from=singlemessage&isappinstalled=0`, `${link}#wechat_redirect`,
    wide, encodeURIComponent(wide), gbk, `%2523${link}`, `code=${link}`, `${link}https://a.cn/s/q4#${link}`, link.replace(/-/g, '\u200b'), `${link} ${link}`,
    link.replace(/-/g, ' ').toLowerCase(), `，${link.replace(/-/g, '')}，请填写`, link.replace(/0/g, 'O').replace(/1/g, 'l'),
  ];
}

const randomCode = () => codeOf(randomBytes(16).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)).replace(/.{4}(?=.)/g, '$&-');

test('a code is found in whatever stands around it', () => {
  for (let i = 0; i < 300; i += 1) {
    const code = randomCode();
    for (const text of mangled(code)) assert.equal(findCode(text), code, text);
    assert.equal(findCode(`${code}${code}`), code, 'twice without anything between');
    for (const text of [code.slice(1, -1), `${code.slice(0, 20)}?${code.slice(20)}`]) assert.equal(findCode(text), '', text);
  }
  const [one, other] = [1n, 2n].map((v) => codeOf(v));
  assert.equal(findCode(`${one} ${other}`), '', 'two invitations: the person must say which');
  for (const nothing of ['', '%', 'wechat_redirect', '%E0%A4%A', '%25%25%25', 'U'.repeat(9999)]) assert.equal(findCode(nothing), '', nothing);
});

test('the check number behind a code is found with it, and only a whole one', async () => {
  for (let i = 0; i < 300; i += 1) {
    const [code, pin] = [randomCode(), await receiptOf(randomBytes(8))];
    for (const text of mangled(`${code}-${pin}`)) {
      assert.deepEqual(splitCode(findCode(text)), [code, pin], text);
    }
    assert.equal(findCode(`${code}-${pin.slice(0, -1)}`), code, 'cut short, it pins nothing');
    assert.equal(findCode(`${code} ${code}-${pin}`), `${code}-${pin}`);
  }
  const [one, other] = [1n, 2n].map((v) => codeOf(v).replace(/.{4}(?=.)/g, '$&-'));
  assert.equal(findCode(`${one} ${other}-PNVN-JDXJ-6BCY-MRY0`), '', 'two invitations, the second with its number');
  // A 核对号 that makes a code with the start of the link that stands again behind it.
  const unlucky = `5P1B-QSWV-ST20-A2V7-VA3J-RJZV-QAGK-PNVN-JDXJ-6BCY-MRY0`;
  assert.equal(findCode(`${unlucky} ${unlucky}`), unlucky);
  assert.deepEqual(splitCode(''), ['', '']);
});

// RFC 8785 §3.2.2 and its appendix B; the numbers as ECMAScript writes them.
test('canonical JSON is that of RFC 8785', () => {
  const value = {
    numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\\"\/',
    literals: [null, true, false],
  };
  const expected = '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}';
  assert.equal(canonicalJson(value), expected);
  const names = { '\u20ac': 1, '\r': 2, '\ufb33': 3, 1: 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
  assert.deepEqual(Object.values(JSON.parse(canonicalJson(names))).length, 7);
  assert.equal(canonicalJson(names), '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}');
});

test('what was frozen stands before what may still change, and no quorum can be missing', async () => {
  const frozen = { id: '00', quorum: 2, holders: [{}, {}] };
  const read = readDescription({ version: 2, title: 'x', id: '11', quorum: 1, frozen });
  assert.deepEqual([read.id, read.quorum, read.title], ['00', 2, 'x']);
  assert.notEqual(await checkNumberOf(read), await checkNumberOf(readDescription({ frozen: { ...frozen, holders: [{}] } })));
  assert.equal(await checkNumberOf(readDescription({ version: 1, id: '00' })), '');
  requireSealable(read);
  for (const change of [{ quorum: 3 }, { quorum: 0 }, { holders: [] }, { complete: false }]) {
    assert.throws(() => requireSealable({ ...read, ...change }), refuses('incomplete'));
  }
});

test('every wrong character and every exchange of two is noticed', () => {
  const code = codeOf(0xfedcba98765432100123456789abcdefn);
  for (let i = 0; i < code.length; i += 1) {
    for (const other of ALPHABET.replace(code[i], '')) {
      assert.equal(findCode(code.slice(0, i) + other + code.slice(i + 1)), '');
    }
    for (let j = i + 1; j < code.length; j += 1) {
      if (code[i] === code[j]) continue;
      const swapped = [...code];
      [swapped[i], swapped[j]] = [swapped[j], swapped[i]];
      assert.equal(findCode(swapped.join('')), '');
    }
  }
  for (const bad of ['', code.slice(1), '!'.repeat(28)]) assert.equal(findCode(bad), '');
  assert.equal(findCode('Z'.repeat(26) + codeOf((1n << 130n) - 1n).slice(26)), '');
});

test('a receipt is the first 80 bits of SHA-256, as Crockford base32', async () => {
  // SHA-256("abc") = ba7816bf 8f01cfea 4141… (FIPS 180-2, B.1)
  const value = BigInt('0xba7816bf8f01cfea4141');
  const expected = Array.from({ length: 16 }, (_, i) => ALPHABET[Number((value >> BigInt(5 * (15 - i))) & 31n)]).join('');
  assert.equal((await receiptOf(utf8('abc'))).replace(/-/g, ''), expected);
});

const questionnaire = {
  items: [{}, {}], departments: [{}, {}, {}], strata: [{}, {}],
  comments: true, comment_chars: 5, comment_bytes: 64,
};

test('answers have one encoding and one size', () => {
  const answers = { ratings: { 0: [1, 255], 2: [5, 0] }, comments: { 2: ' 慢\u0007 ', 0: 'a\r\nb' }, strata: [0, 3] };
  const expected = [1, 1, 255, 0, 0, 5, 0, 0, 3, 0, 2, 0, 0, 0, 3, 97, 10, 98, 0, 2, 0, 3, 0xe6, 0x85, 0xa2];
  const plaintext = encodeAnswers(questionnaire, answers);
  assert.equal(plaintext.length, 3 + 6 + 2 + 64);
  assert.deepEqual([...plaintext], [...expected, ...Array(75 - expected.length).fill(0)]);
  assert.equal(encodeAnswers(questionnaire, { ratings: {}, comments: {}, strata: [] }).length, 75);
  const long = { 0: '一二三四五六', 1: '一二三四五', 2: '一二三四五' };
  assert.equal(commentBytes(questionnaire, long), 3 * 19);
  assert.throws(() => encodeAnswers({ ...questionnaire, comment_bytes: 56 }, { ratings: {}, comments: long, strata: [] }), refuses('comments_too_long'));
});

test('a comment is tidied the way the opening demands', () => {
  assert.equal(tidyComment('e\u0301\u0000\u0085x', 9), 'éx');
  assert.equal(tidyComment('\u3000窗口 慢\u2028', 9), '窗口 慢');
  assert.equal(tidyComment('ab\ud800c', 9), 'abc');
  assert.equal(tidyComment('👍👍👍', 2), '👍👍');
  assert.equal(tidyComment('ab cd', 3), 'ab');
});

test('subsets are lexicographic', () => {
  assert.deepEqual(subsetsOf(3, 2), [[0, 1], [0, 2], [1, 2]]);
  assert.deepEqual(subsetsOf(4, 3), [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]]);
  assert.deepEqual(subsetsOf(2, 2), [[0, 1]]);
});

test('base64url refuses what it does not write', () => {
  assert.deepEqual([...fromBase64Url(toBase64Url(Uint8Array.of(251, 255, 1)))], [251, 255, 1]);
  for (const bad of ['A', 'AB==', 'A+/A', 'AB', 7]) assert.throws(() => fromBase64Url(bad), TypeError);
});

test('HPKE refuses another info and any changed byte', async () => {
  const pair = await generateKeyPair();
  const point = await exportPublicKey(pair.publicKey);
  const sealed = await hpkeSeal(point, utf8('a'), utf8('secret'));
  assert.equal(sealed.length, 65 + 6 + 16);
  assert.deepEqual(await hpkeOpen(pair.privateKey, point, utf8('a'), sealed), utf8('secret'));
  await assert.rejects(hpkeOpen(pair.privateKey, point, utf8('b'), sealed));
  for (const at of [0, 1, 64, 65, sealed.length - 1]) {
    const changed = sealed.slice();
    changed[at] ^= 1;
    await assert.rejects(hpkeOpen(pair.privateKey, point, utf8('a'), changed));
  }
});

test('a key file opens with its passphrase, for its round, and with its own public half only', async () => {
  const pair = await generateKeyPair();
  const text = await createKeyFile({ slug: '2026-q4', roundId: 'ab', holder: '县人大', passphrase: '县人大 9 号柜', pair });
  const point = await exportPublicKey(pair.publicKey);
  const opened = await openKeyFile(text, '县人大 9 号柜', 'ab');
  const sealed = await hpkeSeal(point, utf8('x'), randomBytes(32));
  assert.equal((await hpkeOpen(opened.privateKey, opened.publicKey, utf8('x'), sealed)).length, 32);
  await assert.rejects(openKeyFile(text, 'wrong', 'ab'), refuses('wrong_passphrase'));
  await assert.rejects(openKeyFile(text, '县人大 9 号柜', 'cd'), refuses('key_of_another_round'));
  await assert.rejects(openKeyFile('{', 'x', 'ab'), refuses('not_a_key_file'));
  await assert.rejects(openKeyFile('null', 'x', 'ab'), refuses('not_a_key_file'));
  const other = toBase64Url(await exportPublicKey((await generateKeyPair()).publicKey));
  const swapped = JSON.stringify({ ...JSON.parse(text), public_key: other });
  await assert.rejects(openKeyFile(swapped, '县人大 9 号柜', 'ab'), refuses('not_a_key_file'));
});

test('waiting doubles up to half a minute, with jitter', () => {
  assert.deepEqual([1, 2, 3, 6, 60].map((n) => waitAfter(n, 1)), [1000, 2000, 4000, 30000, 30000]);
  assert.equal(waitAfter(2, 0), 1000);
});

test('replies are told apart: try again, or wrong for good', async (t) => {
  const reply = (status, body) => t.mock.method(globalThis, 'fetch', async () => new Response(body, { status }));
  const failure = () => postOnce('http://localhost/', {}).then(() => assert.fail(), (error) => error);
  for (const [status, body, code, again] of [
    [500, '', 'busy', true], [503, '{"error":"busy"}', 'busy', true], [429, '', 'busy', true],
    [409, '{"error":"credential_spent"}', 'credential_spent', false], [200, '<html>', 'offline', true],
    [400, '{}', 'malformed', false],
  ]) {
    reply(status, body);
    const error = await failure();
    assert.equal(error.code, code);
    assert.equal(mayRetry(error), again);
  }
  t.mock.method(globalThis, 'fetch', async () => { throw new TypeError('network'); });
  assert.equal((await failure()).code, 'offline');
});

test('the worked example of docs/vectors.json comes out here as well', async () => {
  const known = JSON.parse(await readFile(new URL('../../docs/vectors.json', import.meta.url), 'utf8'));
  const description = readDescription(known.round);
  assert.equal(canonicalJson(description.frozen), known.frozen.canonical);
  assert.equal(await checkNumberOf(description), known.frozen.check_number);
  const { code, link } = known.invitation;
  assert.deepEqual(splitCode(findCode(link.split('#')[1])), [code, known.frozen.check_number]);
  assert.equal(await codeToSend(description, code), known.invitation.box_code);
  const answers = { ratings: { 0: [1, 255], 1: [0, 3] }, strata: [2], comments: { 1: '窗口太少' } };
  assert.equal(toHex(encodeAnswers(description.questionnaire, answers)), known.ballot.plaintext);
  assert.equal(await receiptOf(fromBase64Url(known.ballot.sealed)), known.ballot.receipt);
});
