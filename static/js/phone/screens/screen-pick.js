// Choosing the departments: the common ones first, then by group; found by name or pinyin initials.
import { h, heading, placeInPieces, replaceChildrenOf, stepBar, button } from '../dom.js';
import { named, t } from '../language.js';
import { minutesFor } from '../route.js';

const ROWS_AT_ONCE = 30; // as many as rounds usually have; more follow, some to a frame
const ROWS_IN_A_FRAME = 30;

function matches(department, text) {
  const wanted = text.trim().toLowerCase();
  return named(department).toLowerCase().includes(wanted) || department.name.includes(wanted) || department.initials.toLowerCase().includes(wanted);
}

/** [{title, members: [department index]}]; a common department stands in the first list only. */
function listsOf(departments) {
  const lists = new Map();
  departments.forEach((department, index) => {
    const title = department.common ? t('pick.common') : t(department.group); // English has the groups that ship
    if (!lists.has(title)) lists.set(title, []);
    lists.get(title).push(index);
  });
  const common = [...lists].filter(([title]) => title === t('pick.common'));
  const others = [...lists].filter(([title]) => title !== t('pick.common'));
  return [...common, ...others].map(([title, members]) => ({ title, members }));
}

function departmentRow(app, index, onChange) {
  const { picked } = app.record.answers;
  const input = h('input', {
    type: 'checkbox',
    onchange: () => {
      if (input.checked) picked.push(index);
      else picked.splice(picked.indexOf(index), 1);
      app.save();
      onChange();
    },
  });
  input.checked = picked.includes(index);
  return h('label', { class: 'pick', 'data-department': index }, input, h('span', {}, named(app.questionnaire.departments[index])));
}

export function pickScreen(app) {
  const { departments } = app.questionnaire;
  const count = h('p', { class: 'count' });
  const onChange = () => {
    if (!app.record) return; // erased in another tab: this screen is gone
    const { picked } = app.record.answers;
    const minutes = minutesFor(app.record.answers, app.questionnaire);
    replaceChildrenOf(count, h('span', {}, t('pick.count', { n: picked.length })), h('span', {}, t('minutes', { n: minutes })));
  };
  const lists = h('div', {});
  const found = h('p', { class: 'hint', role: 'status' });
  const search = searchField(() => showMatches(departments, lists, found, search.value));
  onChange();
  const screen = h(
    'div', {},
    heading(t('pick.title')), h('p', { class: 'hint' }, t('pick.hint')),
    h('p', { class: 'field' }, h('label', { for: 'search' }, t('pick.search')), search), found,
    lists,
    stepBar(button(t('back'), () => app.back()), count, button(t('next'), () => goOn(app), 'primary')),
  );
  placeInPieces(screen, rowPieces(app, lists, onChange), ROWS_AT_ONCE, ROWS_IN_A_FRAME).then(() => search.value && showMatches(departments, lists, found, search.value));
  return screen;
}

/** For each department in order, what puts its row into the list that it belongs to. */
function rowPieces(app, lists, onChange) {
  return listsOf(app.questionnaire.departments).flatMap(({ title, members }) => {
    const rows = h('div', { class: 'picks' });
    const list = h('fieldset', { class: 'group' }, h('legend', {}, h('span', {}, title)), rows);
    return members.map((index, i) => () => {
      if (i === 0) lists.append(list);
      rows.append(departmentRow(app, index, onChange));
    });
  });
}

function searchField(onInput) {
  return h('input', { type: 'search', id: 'search', autocomplete: 'off', autocapitalize: 'none', placeholder: t('pick.search.hint'), oninput: onInput });
}

function showMatches(departments, lists, found, text) {
  let shown = 0;
  lists.querySelectorAll('.pick').forEach((row) => {
    row.hidden = !matches(departments[row.dataset.department], text);
    shown += row.hidden ? 0 : 1;
  });
  lists.querySelectorAll('.group').forEach((list) => { list.hidden = !list.querySelector('.pick:not([hidden])'); });
  const message = shown ? t('pick.found', { n: shown }) : t('pick.none', { text: text.trim() });
  replaceChildrenOf(found, text.trim() ? message : '');
}

function goOn(app) {
  if (app.record.answers.picked.length) app.next();
  else app.warn(t('pick.empty'));
}
