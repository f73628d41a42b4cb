// Box and witness in the place of the box alone: both are asked together, the ballot goes to the witness.
import { fromBase64Url } from '../protocol/bytes.js';
import { postOnce, untilDone } from '../protocol/client.js';
import { receiptOf } from '../protocol/crockford.js';
import { ProtocolError } from '../protocol/errors.js';
import { beginStamp, enclose, finishStamp, isAcknowledged, stampRequest } from '../protocol/witness.js';
import { machines } from './machines.js';
import { alone } from './one-tab.js';

const SLOW = 4000; // ms after which it is said that the witness has not answered yet

const box = { ...machines };

/** Ask the witness until it has answered. A browser sends text/plain to another origin without asking first. */
function askWitness({ id, witness }, path, body) {
  return (control) => untilDone(() => postOnce(`${witness.address}/${id}/${path}`, body, 'text/plain'), control);
}

/**
 * The answers to all that `ask` under controls of their own (see `untilDone`), the witness the last of them; the first
 * refusal ends it. `control` is told of whoever keeps it waiting.
 */
async function untilAll(control, ...ask) {
  const states = ask.map(() => ['sending', 1]);
  let ended = false;
  const tell = (i, ...state) => {
    if (ended) return;
    states[i] = state;
    const waiting = states.filter(([name]) => name);
    control.onState(...(waiting.find(([name]) => name !== 'sending') || waiting[0]));
  };
  const parts = ask.map((_, i) => ({
    get stopped() {
      return ended || control.stopped;
    },
    onState(state, attempt) {
      const witness = i === ask.length - 1;
      clearTimeout(this.slow);
      tell(i, witness && state !== 'sending' ? 'witness.late' : state, attempt);
      if (witness && state === 'sending') this.slow = setTimeout(tell, SLOW, i, 'witness.slow', attempt);
    },
  }));
  control.wake = () => parts.forEach((part) => part.wake && part.wake());
  const answer = async (part, i) => {
    const answered = await ask[i](part);
    states[i] = [];
    return answered;
  };
  try {
    return await Promise.all(parts.map(answer));
  } finally {
    ended = true;
    control.wake();
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

  async collect(description, pending, control) {
    const stamp = askWitness(description, 'stamp', await stampRequest(description, pending));
    const [credential, reply] = await untilAll(control, (part) => box.collect(description, pending, part), stamp);
    return { ...credential, ...(await finishStamp(description, pending, reply)) };
  },

  async cast(app, _, control) {
    const record = await enclosed(app);
    if (record.receipt) return record;
    const [posted] = await untilAll(control, askWitness(app.description, 'ballot', record.post));
    if (!(await isAcknowledged(app.description, record.post.blob, posted))) throw new ProtocolError('unacknowledged');
    return { receipt: await receiptOf(fromBase64Url(record.sealed)), posted };
  },
};
