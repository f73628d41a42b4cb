// Typing the code, and collecting the credential for it.
import { postOnce, untilDone } from '../protocol/client.js';
import { beginCredential, finishCredential } from '../protocol/credential.js';
import { parseCode, tidyCode } from '../protocol/crockford.js';
import { button, h, heading, note, painted, stepBar } from './dom.js';
import { t } from './language.js';
import { newRecord } from './records.js';

const CODE_CHARACTERS = 28;

/** What is wrong with a typed code, as a sentence; empty when it is right. */
function mistakeIn(text) {
  const difference = CODE_CHARACTERS - tidyCode(text).length;
  if (difference > 0) return t('code.short', { n: difference });
  if (difference < 0) return t('code.long', { n: -difference });
  try {
    parseCode(text);
    return '';
  } catch (error) {
    return t('code.mistyped');
  }
}

export function codeScreen(app) {
  const wrong = h('p', { class: 'note bad', role: 'alert', id: 'code-wrong', hidden: !app.scannedWrong }, app.scannedWrong ? t('code.scanned') : '');
  const input = h('textarea', {
    id: 'code', rows: 2, class: 'code-input', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false',
    'aria-describedby': 'code-hint code-wrong', inputmode: 'text', placeholder: 'XXXX-XXXX-XXXX-…',
  });
  input.value = app.typedCode || '';
  input.addEventListener('input', () => { app.typedCode = input.value; });
  const go = (event) => {
    event.preventDefault();
    const mistake = mistakeIn(input.value);
    wrong.textContent = mistake;
    wrong.hidden = !mistake;
    input.setAttribute('aria-invalid', String(Boolean(mistake)));
    if (mistake) input.focus();
    else app.collect(parseCode(input.value));
  };
  return h(
    'form', { onsubmit: go, novalidate: true },
    heading(t('code.title')), h('p', { class: 'hint', id: 'code-hint' }, t('code.hint')),
    h('p', { class: 'field' }, h('label', { for: 'code' }, t('code.label')), input), wrong,
    stepBar(button(t('back'), () => app.back()), h('button', { class: 'button primary', type: 'submit' }, t('code.go'))),
  );
}

export function slotOf(code) {
  return code.slice(-2);
}

/** The record of this code with its credential in it, collected now where it is not there yet. */
export async function collectCredential(app, code, control) {
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
  app.collecting.onState = (state, attempt) => {
    const key = state === 'sending' && attempt > 1 ? 'collect.sending.again' : `collect.${state}`;
    line.className = state === 'sending' ? 'note working' : 'note warn';
    line.textContent = t(key, { n: attempt });
  };
  const stop = button(t('stop'), () => {
    app.stopCollecting();
    app.replace('promise');
  });
  const now = button(t('again'), () => app.collecting.wake && app.collecting.wake(), 'primary');
  return h('div', {}, heading(t('collect.title')), line, stepBar(stop, now));
}
