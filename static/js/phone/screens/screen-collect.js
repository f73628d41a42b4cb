// Collecting the credential: only when the phone has all that it takes to fill in the ballot, and a place to keep it.
import { ProtocolError } from '../../protocol/errors.js';
import { button, h, heading, note, painted, stepBar } from '../dom.js';
import { t } from '../language.js';
import { machines } from '../machines.js';
import { alone } from '../one-tab.js';
import { newRecord, oldSlotOf, slotOf, standingOf } from '../records.js';
import { againButton, showState } from '../state-line.js';

const REFUSALS = ['code_mistyped', 'code_unknown', 'invitation_used', 'invitation_replaced'];

/** Characters that a filled-in ballot and its sealed copy may take in the storage. */
function spaceFor({ departments, items, comment_bytes }) {
  return 4000 + 4 * departments.length * items.length + 3 * comment_bytes;
}

/** The record under the name of before, when it says itself that it is of this code. */
function oldRecord(app, code) {
  const old = app.records.read(oldSlotOf(code));
  if (!old || !old.pending || old.pending.code !== code) return null;
  app.records.clear(oldSlotOf(code));
  return old;
}

/** What this phone asks the server for, made once for all tabs: a lost reply is asked for again, word for word. */
function pendingRecord(app, slot, code) {
  return alone(`pingyi-tab:${slot}`, app.records.lasting, async () => {
    const record = app.records.read(slot) || oldRecord(app, code) || newRecord();
    if (app.exchanged(record)) throw new ProtocolError('not_as_handed_out');
    if (standingOf(record) === 'none') {
      record.check = app.checkNumber;
      record.pending = { code, ...(await machines.begin(app.description)) };
    }
    app.records.write(slot, record);
    return record;
  });
}

/** The record of this code with its credential in it, collected now where it is not there yet. */
async function collectCredential(app, slot, code, control) {
  await painted();
  const record = await pendingRecord(app, slot, code);
  if (standingOf(record) !== 'pending') return record;
  const credential = await machines.collect(app.description, { ...record.pending, code }, control);
  const kept = app.records.read(slot);
  if (kept && standingOf(kept) !== 'pending') return kept; // another tab was quicker
  record.credential = credential;
  delete record.pending;
  app.records.write(slot, record);
  return record;
}

export function collectingScreen(app) {
  if (!app.collecting && !app.record && !app.mayForget && !app.records.holds(machines.copies * spaceFor(app.questionnaire))) return forgetfulScreen(app);
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

/** Said before the code is used up: what is filled in here goes with the page. */
function forgetfulScreen(app) {
  const goOn = () => {
    app.mayForget = true;
    // Pulling the page down would load it anew, and all would be gone.
    document.documentElement.style.overscrollBehavior = 'none';
    window.onbeforeunload = () => (app.record && app.record.credential ? true : undefined);
    app.draw(true);
  };
  return h(
    'div', {}, heading(t('forgetful.title')), note(t('forgetful.text'), 'warn'), note(t('forgetful.do')),
    button(t('forgetful.go'), goOn, 'wide'), stepBar(button(t('stop'), () => app.replace('promise'), 'primary')),
  );
}

/** When the server has served this code before: the record of another tab of this phone, if that was it. */
async function overtaking(app, slot, error) {
  for (let i = 0; error.code === 'invitation_used' && i < 4; i += 1) {
    const kept = app.records.read(slot);
    if (kept && standingOf(kept) !== 'pending') return kept;
    await new Promise((resolve) => { setTimeout(resolve, 300); });
  }
  return null;
}

async function collect(app, control) {
  const { code } = app;
  app.collecting = control;
  const slot = await slotOf(app.description.id, code);
  try {
    const record = await collectCredential(app, slot, code, control);
    if (!control.stopped) app.enter(slot, record);
  } catch (error) {
    const other = await overtaking(app, slot, error);
    if (control.stopped) return;
    if (other) {
      app.enter(slot, other);
      return;
    }
    // Nothing was collected, and the code stands in it; with a witness the other machine may have answered.
    if (REFUSALS.includes(error.code) && !app.description.witness) app.records.clear(slot);
    if (error.code === 'invitation_used' && app.records.read(oldSlotOf(code))) app.askAboutOld(slot, oldSlotOf(code));
    else app.fail(error);
  } finally {
    if (app.collecting === control) app.collecting = null;
  }
}
