// One department: five large choices per item, 不了解, one choice for all items, and a comment.
import { commentArea, commentBytes, lengthOver, NOT_KNOWN } from '../../protocol/answers.js';
import { choiceGroup, recheck } from '../choices.js';
import { commentField } from '../comment.js';
import { button, h, heading, replaceChildrenOf, stepBar } from '../dom.js';
import { named, t } from '../language.js';

function scaleOptions({ scale }) {
  const levels = scale.levels.map((level, i) => ({ label: named(level, 'label'), value: i + 1 }));
  return [...levels, { label: named(scale.not_known, 'label'), value: NOT_KNOWN, apart: true }];
}

export function rateScreen(app, department) {
  const { questionnaire, record } = app;
  const { ratings, picked } = record.answers;
  ratings[department] = ratings[department] || questionnaire.items.map(() => 0);
  const items = h('div', {}, itemGroups(app, department));
  const screen = h(
    'div', { class: 'rate' },
    h('p', { class: 'hint' }, t('rate.progress', { n: picked.indexOf(department) + 1, total: picked.length })),
    heading(named(questionnaire.departments[department])),
    sameForAll(app, department, items),
    items,
    questionnaire.comments && commentField(app, department),
    stepBar(button(t('back'), () => app.back()), button(t('next'), () => goOnFrom(app, department, screen), 'primary')),
  );
  return screen;
}

function itemGroups(app, department) {
  const { ratings } = app.record.answers;
  const options = scaleOptions(app.questionnaire);
  const set = (i, value) => {
    ratings[department][i] = value;
    app.save();
  };
  return app.questionnaire.items.map((item, i) => choiceGroup(named(item), options, ratings[department][i], (value) => set(i, value)));
}

/** Sets every item at once and can take it back. */
function sameForAll(app, department, items) {
  const { ratings } = app.record.answers;
  const said = h('p', { class: 'said', role: 'status' });
  const set = (values, message, undo) => {
    ratings[department] = values;
    app.save();
    recheck(items, values);
    replaceChildrenOf(said, h('span', {}, message), undo && button(t('rate.undo'), undo, 'small'));
  };
  const pick = (value) => {
    const before = ratings[department];
    const { label } = scaleOptions(app.questionnaire).find((option) => option.value === value);
    const undo = () => {
      set(before, t('rate.undone'));
      box.querySelectorAll('input').forEach((input) => { input.checked = false; });
    };
    set(before.map(() => value), t('rate.same.done', { label }), undo);
  };
  const unfold = () => {
    if (!box.querySelector('fieldset')) said.before(choiceGroup(t('rate.same'), scaleOptions(app.questionnaire), undefined, pick, { kind: 'unlabelled' }));
  };
  const box = h('details', { class: 'same', ontoggle: unfold }, h('summary', {}, t('rate.same')), said);
  return box;
}

function goOnFrom(app, department, screen) {
  const { questionnaire, record } = app;
  const missing = record.answers.ratings[department].filter((rating) => rating === 0).length;
  const over = lengthOver(questionnaire, record.answers.comments[department]);
  if (questionnaire.comments && over > 0) {
    app.warn(t('rate.comment.long', { n: over }));
    document.getElementById('comment').focus();
  } else if (commentBytes(questionnaire, record.answers.comments) > commentArea(questionnaire)) {
    app.warn(t('rate.comment.full'));
  } else if (missing && !screen.dataset.warned) {
    screen.dataset.warned = 'yes';
    app.warn(t('rate.missing', { n: missing, label: named(questionnaire.scale.not_known, 'label') }));
    const first = record.answers.ratings[department].indexOf(0);
    screen.querySelectorAll('fieldset.choices:not(.unlabelled)')[first].querySelector('input').focus();
  } else {
    app.next();
  }
}
