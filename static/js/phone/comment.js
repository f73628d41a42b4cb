// The comment on a department: never changed under the writer's hands, counted as it will be counted, and looked over for
// what identifies its writer, as soon as what knows these details is here.
import { lengthOver } from '../protocol/answers.js';
import { h, replaceChildrenOf } from './dom.js';
import { t } from './language.js';
import { fetchScreen, screenOf } from './screens/screens.js';

export function commentField(app, department) {
  const { comments } = app.record.answers;
  const limit = app.questionnaire.comment_chars;
  const count = h('span', { class: 'hint', id: 'comment-count' });
  const warning = h('div', { class: 'warning', role: 'status' });
  const look = () => {
    comments[department] = area.value;
    if (!area.value.trim()) delete comments[department];
    const over = lengthOver(app.questionnaire, area.value); // nothing is cut: what is too long is said, and kept
    count.textContent = over > 0 ? t('rate.comment.long', { n: over }) : t('rate.count', { n: over + limit, limit });
    area.setAttribute('aria-invalid', String(over > 0));
    const details = screenOf('details');
    replaceChildrenOf(warning, ...warningFor(details ? details(app)(area.value) : []));
  };
  const area = h('textarea', { id: 'comment', rows: 3, 'aria-describedby': 'comment-hint comment-count', oninput: () => { look(); app.save(); } });
  area.value = comments[department] || '';
  look();
  fetchScreen('details').then(look, () => {});
  return h(
    'div', { class: 'field comment' },
    h('label', { for: 'comment' }, t('rate.comment'), ' ', h('small', {}, t('optional'))),
    h('p', { class: 'hint', id: 'comment-hint' }, t('rate.comment.hint')),
    area, count, warning,
  );
}

function warningFor(kinds) {
  if (!kinds.length) return [];
  const found = kinds.map((kind) => h('li', {}, t(`warn.${kind}`)));
  return [h('p', {}, t('warn.title')), h('ul', {}, found), h('p', {}, t('warn.note'))];
}
