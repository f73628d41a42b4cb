// The table of departments: sort by a column, light up who cannot be told apart, pick two to compare.
const PICKED = 2;

export function enhanceGlance(page) {
  const table = page.querySelector('[data-glance]');
  if (!table) return;
  sortable(page, table);
  lightUp(table);
  pickTwo(page, table);
  const hint = page.querySelector('[data-glance-hint]');
  if (hint) hint.hidden = false;
}

function sortable(page, table) {
  const body = table.tBodies[0];
  for (const head of table.tHead.rows[0].cells) {
    if (!head.dataset.sort) continue;
    const button = page.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const descending = head.getAttribute('aria-sort') === 'ascending';
      for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      body.append(...sorted([...body.rows], head.cellIndex, head.dataset.sort, descending));
    });
  }
}

function sorted(rows, column, kind, descending) {
  const value = (row) => row.cells[column].dataset.value;
  const compare = kind === 'number'
    ? (a, b) => Number(value(a)) - Number(value(b))
    : (a, b) => value(a).localeCompare(value(b), 'zh');
  return rows.sort((a, b) => (descending ? compare(b, a) : compare(a, b)));
}

function lightUp(table) {
  const rows = [...table.tBodies[0].rows];
  const clear = () => {
    table.classList.remove('asking');
    for (const row of rows) row.classList.remove('alike', 'asked');
  };
  const ask = (row) => {
    clear();
    const alike = new Set(row.dataset.alike.split(' '));
    row.classList.add('asked');
    for (const other of rows) other.classList.toggle('alike', alike.has(other.dataset.index));
    table.classList.add('asking');
  };
  for (const row of rows) {
    row.addEventListener('mouseenter', () => ask(row));
    row.addEventListener('focusin', () => ask(row));
  }
  table.addEventListener('mouseleave', clear);
  table.addEventListener('focusout', clear);
}

function pickTwo(page, table) {
  const boxes = [...table.querySelectorAll('.pick')];
  for (const cell of table.querySelectorAll('.pick-cell')) cell.hidden = false;
  const first = page.getElementById('compare-a');
  const second = page.getElementById('compare-b');
  let picked = [];
  for (const box of boxes) {
    box.addEventListener('change', () => {
      picked = picked.filter((value) => value !== box.value);
      if (box.checked) picked.push(box.value);
      picked = picked.slice(-PICKED);
      for (const other of boxes) other.checked = picked.includes(other.value);
      if (picked.length === PICKED) {
        [first.value, second.value] = picked;
        first.form.querySelector('button').focus({ preventScroll: true });
        first.form.classList.add('picked', 'panel');
      }
    });
  }
}
