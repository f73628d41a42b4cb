// Typing the code.
import { CHECK_CHARACTERS, CODE_CHARACTERS, findCode, splitCode, tidyCode } from '../../protocol/crockford.js';
import { button, h, heading, stepBar } from '../dom.js';
import { t } from '../language.js';

/** What is wrong with what was typed, of which `found` is readable, as a sentence; empty when it is right. */
function mistakeIn(text, found, checkNumber) {
  const { length } = tidyCode(text);
  const meant = CODE_CHARACTERS + (length - CODE_CHARACTERS > CHECK_CHARACTERS / 2 ? CHECK_CHARACTERS : 0);
  const pin = splitCode(found)[1];
  if (pin && pin !== checkNumber) return t('code.pin');
  if (found) return '';
  if (length < meant) return t('code.short', { n: meant - length });
  return length > meant ? t('code.long', { n: length - meant }) : t('code.mistyped');
}

export function codeScreen(app) {
  const wrong = h('p', { class: 'note bad', role: 'alert', id: 'code-wrong', hidden: !app.scannedWrong }, app.scannedWrong ? t('code.scanned') : '');
  const input = h('textarea', {
    id: 'code', rows: app.checkNumber ? 3 : 2, class: 'code-input', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false',
    'aria-describedby': 'code-hint code-wrong', inputmode: 'text', placeholder: 'XXXX-XXXX-XXXX-…',
  });
  input.value = app.typedCode || '';
  input.addEventListener('input', () => { app.typedCode = input.value; });
  const go = (event) => {
    event.preventDefault();
    const found = findCode(input.value);
    const mistake = mistakeIn(input.value, found, app.checkNumber);
    wrong.textContent = mistake;
    wrong.hidden = !mistake;
    input.setAttribute('aria-invalid', String(Boolean(mistake)));
    if (mistake) input.focus();
    else app.collect(found);
  };
  return h(
    'form', { onsubmit: go, novalidate: true },
    heading(t('code.title')), h('p', { class: 'hint', id: 'code-hint' }, t('code.hint')),
    h('p', { class: 'field' }, h('label', { for: 'code' }, t('code.label')), input),
    app.checkNumber && h('p', { class: 'hint' }, t('code.check'), ' ', h('code', { class: 'number', translate: 'no' }, app.checkNumber)),
    wrong,
    stepBar(button(t('back'), () => app.back()), h('button', { class: 'button primary', type: 'submit' }, t('code.go'))),
  );
}
