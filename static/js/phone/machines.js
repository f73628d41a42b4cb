// Who gives a phone its credential and takes its ballot: the box alone. In a round with a witness the script that
// speaks to it puts both machines here.
import { fromBase64Url } from '../protocol/bytes.js';
import { postOnce, untilDone } from '../protocol/client.js';
import { beginCredential, codeToSend, finishCredential } from '../protocol/credential.js';
import { receiptOf } from '../protocol/crockford.js';
import { ProtocolError } from '../protocol/errors.js';

export const machines = {
  copies: 1, // of a ballot that a record holds
  begin: beginCredential,

  /** The credential for what `begin` made and the code. */
  async collect(description, pending, control) {
    const asked = { code: await codeToSend(description, pending.code), blinded: pending.blinded };
    const reply = await untilDone(() => postOnce(`/s/${description.slug}/credential`, asked), control);
    return finishCredential(description, pending, reply.blind_signature);
  },

  /** What is left of a sealed record when its ballot is in. */
  async cast({ description }, { credential: { message, signature }, sealed, proof }, control) {
    const ballot = { message, signature, sealed, proof };
    const { receipt } = await untilDone(() => postOnce(`/s/${description.slug}/ballot`, ballot), control);
    if (receipt !== (await receiptOf(fromBase64Url(sealed)))) throw new ProtocolError('malformed', 'receipt');
    return { receipt };
  },
};
