// Box and witness in the place of the box alone: the witness is asked first, and takes the ballot.
import { fromBase64Url } from '../protocol/bytes.js';
import { postOnce, untilDone } from '../protocol/client.js';
import { receiptOf } from '../protocol/crockford.js';
import { ProtocolError } from '../protocol/errors.js';
import { beginStamp, enclose, finishStamp, isAcknowledged, stampRequest } from '../protocol/witness.js';
import { machines } from './machines.js';
import { alone } from './one-tab.js';

const SLOW = 4000; // ms after which it is said that the witness has not answered yet

const box = { ...machines };

/** The witness's answer; `control` is told when it is slow. A browser sends text/plain to another origin without asking first. */
async function askWitness({ id, witness }, path, body, control) {
  let slow;
  const part = {
    get stopped() {
      return control.stopped;
    },
    onState(state, attempt) {
      clearTimeout(slow);
      const sending = state === 'sending';
      control.onState(sending ? state : 'witness.late', attempt);
      if (sending) slow = setTimeout(() => control.onState('witness.slow', attempt), SLOW);
    },
  };
  control.wake = () => part.wake && part.wake();
  try {
    return await untilDone(() => postOnce(`${witness.address}/${id}/${path}`, body, 'text/plain'), part);
  } finally {
    clearTimeout(slow);
  }
}

/** What is posted, made once for all tabs: the same ticket takes no other blob. */
function enclosed(app) {
  return alone(`pingyi-tab:${app.slot}`, app.records.lasting, async () => {
    const other = app.records.read(app.slot);
    if (other && (other.post || other.receipt)) app.record = other;
    if (app.record.sealed && !app.record.post) {
      app.record.post = await enclose(app.description, app.record);
      app.save();
    }
    return app.record;
  });
}

export const bothMachines = {
  copies: 2,

  async begin(description) {
    const pending = await box.begin(description);
    return { ...pending, ...(await beginStamp(description, pending.message)) };
  },

  // The box is asked only after the witness has answered: of two phones with one code the one that comes to the witness
  // first gets both halves, and the other neither.
  async collect(description, pending, control) {
    const reply = await askWitness(description, 'stamp', await stampRequest(description, pending), control);
    const credential = await box.collect(description, pending, control);
    return { ...credential, ...(await finishStamp(description, pending, reply)) };
  },

  async cast(app, _, control) {
    const record = await enclosed(app);
    if (record.receipt) return record;
    const posted = await askWitness(app.description, 'ballot', record.post, control);
    if (!(await isAcknowledged(app.description, record.post.blob, posted))) throw new ProtocolError('unacknowledged');
    return { receipt: await receiptOf(fromBase64Url(record.sealed)), posted };
  },
};
