// Sealing and casting. The sealed ballot is kept before it is first sent, so every attempt sends the same bytes.
import { encodeAnswers } from '../../protocol/answers.js';
import { toBase64Url } from '../../protocol/bytes.js';
import { proofOf } from '../../protocol/credential.js';
import { ProtocolError } from '../../protocol/errors.js';
import { seal } from '../../protocol/sealing.js';
import { button, h, heading, note, painted, replaceChildrenOf, stepBar } from '../dom.js';
import { dayText, t } from '../language.js';
import { machines } from '../machines.js';
import { alone } from '../one-tab.js';
import { standingOf } from '../records.js';
import { againButton, showState } from '../state-line.js';

/** Only what was picked is sent; ratings of a department that was unpicked stay behind. */
function answersToSend({ picked, ratings, comments, strata }) {
  const chosen = (values) => Object.fromEntries(picked.filter((d) => d in values).map((d) => [d, values[d]]));
  return { ratings: chosen(ratings), comments: chosen(comments), strata: Array.from(strata, (value) => value || 0) };
}

/** Seal what is there, once for all tabs: one that finds it sealed, or cast, goes on from there. */
function sealedRecord(app) {
  return alone(`pingyi-tab:${app.slot}`, app.records.lasting, async () => {
    const other = app.records.read(app.slot);
    if (['sealed', 'receipt'].includes(standingOf(other))) app.record = other;
    const { record } = app;
    if (app.exchanged(record)) throw new ProtocolError('not_as_handed_out');
    if (standingOf(record) === 'credential') {
      const sealed = await seal(app.description, encodeAnswers(app.questionnaire, answersToSend(record.answers)));
      record.proof = await proofOf(app.description, record.credential, sealed);
      record.sealed = toBase64Url(sealed);
      delete record.credential.key; // it signs one ballot
      app.save();
    }
    return record;
  });
}

async function cast(app, control) {
  await painted();
  const record = await sealedRecord(app);
  if (record.receipt) return record;
  if (control.stopped) throw new ProtocolError('offline', 'stopped');
  return machines.cast(app, record, control);
}

export function submitScreen(app) {
  const screen = h('div', {});
  if (app.step === 'submit' && !app.submitting) showKept(app, screen);
  else send(app, screen);
  return screen;
}

function showKept(app, screen) {
  replaceChildrenOf(
    screen,
    heading(t('submit.kept.title')),
    note(t('submit.kept', { date: dayText(app.description.closes_on) })), note(t('submit.once')),
    stepBar(button(t('receipt.clear'), () => app.go('erase'), 'small'), button(t('submit.continue'), () => send(app, screen, true), 'primary')),
  );
}

function send(app, screen, focus = false) {
  const line = note(t('submit.sealing'), 'working', { role: 'status' });
  const control = app.submitting || { stopped: false };
  control.onState = (state, attempt) => showState(line, state === 'sending' || app.records.lasting ? 'submit' : 'open', state, attempt);
  const later = button(t('submit.later'), () => {
    control.stopped = true;
    app.submitting = null;
    showKept(app, screen);
  });
  replaceChildrenOf(screen, heading(t('submit.title')), line, note(t('submit.once')), stepBar(app.records.lasting && later, againButton(control)));
  if (focus) screen.querySelector('h1').focus();
  if (!app.submitting) run(app, control);
}

async function run(app, control) {
  app.submitting = control;
  try {
    app.finish(await cast(app, control));
  } catch (error) {
    if (!control.stopped) app.fail(error);
  } finally {
    if (app.submitting === control) app.submitting = null;
  }
}
