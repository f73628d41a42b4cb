// Typing the code.
import { CODE_CHARACTERS, findCode, parseCode, tidyCode } from '../protocol/crockford.js';
import { button, h, heading, stepBar } from './dom.js';
import { t } from './language.js';

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
    const code = findCode(input.value);
    const mistake = code ? '' : mistakeIn(input.value);
    wrong.textContent = mistake;
    wrong.hidden = !mistake;
    input.setAttribute('aria-invalid', String(Boolean(mistake)));
    if (mistake) input.focus();
    else app.collect(code);
  };
  return h(
    'form', { onsubmit: go, novalidate: true },
    heading(t('code.title')), h('p', { class: 'hint', id: 'code-hint' }, t('code.hint')),
    h('p', { class: 'field' }, h('label', { for: 'code' }, t('code.label')), input), wrong,
    stepBar(button(t('back'), () => app.back()), h('button', { class: 'button primary', type: 'submit' }, t('code.go'))),
  );
}
