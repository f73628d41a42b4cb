// Collecting the credential: only when the phone has all that it takes to fill in the ballot.
import { postOnce, untilDone } from '../protocol/client.js';
import { beginCredential, finishCredential } from '../protocol/credential.js';
import { button, h, heading, note, painted, stepBar } from './dom.js';
import { t } from './language.js';
import { newRecord } from './records.js';
import { slotOf } from './screen-code.js';
import { againButton, showState } from './state-line.js';

/** The record of this code with its credential in it, collected now where it is not there yet. */
async function collectCredential(app, code, control) {
  const slot = slotOf(code);
  const record = app.records.read(slot) || newRecord();
  if (record.credential || record.receipt) return record;
  await painted();
  if (!record.pending || record.pending.code !== code) {
    record.pending = { code, ...(await beginCredential(app.description)) };
    app.records.write(slot, record); // before the request: a lost reply is asked for again, word for word
  }
  const { blinded } = record.pending;
  const url = `/s/${app.description.slug}/credential`;
  const reply = await untilDone(() => postOnce(url, { code, blinded }), control);
  record.credential = await finishCredential(app.description, record.pending, reply.blind_signature);
  delete record.pending;
  app.records.write(slot, record);
  return record;
}

export function collectingScreen(app) {
  const line = note(t('collect.sending'), 'working', { role: 'status' });
  const control = app.collecting || { stopped: false };
  control.onState = (state, attempt) => showState(line, 'collect', state, attempt);
  const stop = button(t('stop'), () => {
    app.stopCollecting();
    app.replace('promise');
  });
  if (!app.collecting) collect(app, control);
  return h('div', {}, heading(t('collect.title')), line, stepBar(stop, againButton(control)));
}

async function collect(app, control) {
  const { code } = app;
  app.collecting = control;
  try {
    const record = await collectCredential(app, code, control);
    if (!control.stopped) app.enter(slotOf(code), record);
  } catch (error) {
    if (!control.stopped) app.fail(error);
  } finally {
    if (app.collecting === control) app.collecting = null;
  }
}
