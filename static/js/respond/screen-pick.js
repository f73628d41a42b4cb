// Choosing the departments: the common ones first, then by group; found by name or pinyin initials.
import { h, heading, replaceChildrenOf, stepBar, button } from './dom.js';
import { t } from './language.js';
import { minutesFor } from './route.js';

function matches(department, text) {
  const wanted = text.trim().toLowerCase();
  return department.name.includes(wanted) || department.initials.toLowerCase().includes(wanted);
}

/** [{title, members: [department index]}]; a common department stands in the first list only. */
function listsOf(departments) {
  const lists = new Map();
  departments.forEach((department, index) => {
    const title = department.common ? t('pick.common') : department.group;
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
  return h('label', { class: 'pick' }, input, h('span', {}, app.questionnaire.departments[index].name));
}

export function pickScreen(app) {
  const { departments } = app.questionnaire;
  const count = h('p', { class: 'count' });
  const onChange = () => {
    const { picked } = app.record.answers;
    count.textContent = `${t('pick.count', { n: picked.length })} · ${t('minutes', { n: minutesFor(app.record.answers, app.questionnaire) })}`;
  };
  const rows = departments.map((_, index) => departmentRow(app, index, onChange));
  const lists = listsOf(departments).map(({ title, members }) =>
    h('fieldset', { class: 'group' }, h('legend', {}, h('span', {}, title)), h('div', { class: 'picks' }, members.map((i) => rows[i]))),
  );
  const found = h('p', { class: 'hint', role: 'status' });
  onChange();
  return h(
    'div', {},
    heading(t('pick.title')), h('p', { class: 'hint' }, t('pick.hint')),
    searchField((text) => showMatches({ departments, rows, lists, found }, text)), found,
    ...lists,
    stepBar(button(t('back'), () => app.back()), count, button(t('next'), () => goOn(app), 'primary')),
  );
}

function searchField(onInput) {
  const input = h('input', { type: 'search', id: 'search', autocomplete: 'off', autocapitalize: 'none', placeholder: t('pick.search.hint'), oninput: () => onInput(input.value) });
  return h('p', { class: 'field' }, h('label', { for: 'search' }, t('pick.search')), input);
}

function showMatches({ departments, rows, lists, found }, text) {
  let shown = 0;
  rows.forEach((row, index) => {
    row.hidden = !matches(departments[index], text);
    shown += row.hidden ? 0 : 1;
  });
  for (const list of lists) list.hidden = !list.querySelector('.pick:not([hidden])');
  const message = shown ? t('pick.found', { n: shown }) : t('pick.none', { text: text.trim() });
  replaceChildrenOf(found, text.trim() ? message : '');
}

function goOn(app) {
  if (app.record.answers.picked.length) app.next();
  else app.warn(t('pick.empty'));
}
