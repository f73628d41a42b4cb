// Every state that is not the way to the receipt has its page: what happened, what is kept, what to do.
import { button, h, heading, note } from '../dom.js';
import { dayText, t } from '../language.js';

const TRY_AGAIN = ['offline', 'busy', 'malformed', 'unacknowledged'];
const TYPE_AGAIN = ['code_mistyped', 'code_unknown', 'invitation_used', 'invitation_replaced'];
const GOES_ON = [...TRY_AGAIN, 'comments_too_long'];
const PUBLIC_PAGE = ['round_closed', 'round_opened', 'credential_spent'];
const EXCHANGED = 'not_as_handed_out';

/** The number that the office handed out, above the one of what was served: to be compared and read out. */
function bothNumbers(app) {
  const known = app.pin || (app.record && app.record.check);
  const number = (name, value) => [h('dt', {}, t(name)), h('dd', { class: 'number', translate: 'no' }, value)];
  return h('dl', { class: 'numbers' }, number('problem.known', known), number('problem.here', app.checkNumber || '—'));
}

export function problemScreen(app, problem) {
  const remedy = `problem.${problem}.do`;
  const code = t(remedy) === remedy ? 'malformed' : problem; // what there is no text for
  const { body, opens_on, closes_on, slug } = app.description;
  const [opens, closes] = [opens_on, closes_on].map(dayText);
  const kept = app.record && app.record.credential;
  return h(
    'div', { class: 'problem', 'data-problem': code },
    heading(t(`problem.${code}`)),
    note(t(`problem.${code}.do`, { body, opens, closes, check: app.checkNumber }), code === EXCHANGED ? 'bad' : ''),
    code === EXCHANGED && bothNumbers(app),
    code === EXCHANGED && !kept && note(t('problem.unused')),
    kept && note(t(app.records.lasting ? 'problem.kept' : 'unsaved')),
    TRY_AGAIN.includes(code) && button(t('again'), () => app.recover(), 'primary wide'),
    code === 'comments_too_long' && button(t('back'), () => app.go('review'), 'primary wide'),
    TYPE_AGAIN.includes(code) && button(t('problem.code'), () => app.go('code'), 'wide'),
    PUBLIC_PAGE.includes(code) && h('a', { class: 'button wide', href: `/public/${slug}` }, t('problem.public')),
    kept && !GOES_ON.includes(code) && button(t('receipt.clear'), () => app.go('erase'), 'wide'),
  );
}

export function clearedScreen() {
  return h('div', {}, heading(t('cleared.title')), note(t('cleared.text')));
}
