// The phone's half of the protocol on standard input and output, one JSON object each, for tests in other languages.
import { encodeAnswers } from '../../static/js/protocol/answers.js';
import { fromBase64Url, toBase64Url, utf8 } from '../../static/js/protocol/bytes.js';
import { beginCredential, codeToSend, finishCredential, proofOf } from '../../static/js/protocol/credential.js';
import { findCode, receiptOf } from '../../static/js/protocol/crockford.js';
import { checkNumberOf, readDescription } from '../../static/js/protocol/description.js';
import { hpkeSeal } from '../../static/js/protocol/hpke.js';
import { seal } from '../../static/js/protocol/sealing.js';
import { beginStamp, enclose, finishStamp, stampRequest } from '../../static/js/protocol/witness.js';
import { makeKey, proveKey } from '../../static/js/keyholder/keyholder.js';

const VERBS = {
  begin: ({ description }) => beginCredential(description),
  finish: ({ description, pending, blind_signature: signature }) => finishCredential(description, pending, signature),
  code: async ({ text }) => findCode(text),
  send: ({ description, code }) => codeToSend(description, code),
  check: ({ description }) => checkNumberOf(description),
  proof: async ({ description, credential, sealed }) => (await proofOf(description, credential, fromBase64Url(sealed))) || null,
  async stamp({ description, code, message }) {
    const pending = { code, ...(await beginStamp(description, message)) };
    return { pending, request: await stampRequest(description, pending) };
  },
  stamped: ({ description, pending, reply }) => finishStamp(description, pending, reply),
  post: ({ description, record }) => enclose(description, record),
  async ballot({ description, answers }) {
    const plaintext = encodeAnswers(description.questionnaire, answers);
    const sealed = await seal(description, plaintext);
    return { plaintext: toBase64Url(plaintext), sealed: toBase64Url(sealed), receipt: await receiptOf(sealed) };
  },
  key: (about) => makeKey(about),
  prove: (about) => proveKey(about),
  hpke: async ({ point, info, text }) => toBase64Url(await hpkeSeal(fromBase64Url(point), utf8(info), utf8(text))),
};

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { verb, ...about } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
if (about.description) about.description = readDescription(about.description);
try {
  process.stdout.write(JSON.stringify({ value: await VERBS[verb](about) }));
} catch (error) {
  process.stdout.write(JSON.stringify({ error: error.code || String(error) }));
}
