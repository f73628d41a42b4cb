// A form marked data-triage is worked through by keys while the focus is in one of its fieldsets (WCAG 2.1.4): j and k go on
// and back, a letter takes the field of that data-key, e goes to the text and Escape leaves it. What was chosen is said.
export function workByKeys(page) {
  const form = page.querySelector('form[data-triage]');
  if (!form) return;
  const help = page.querySelector('[data-triage-help]');
  const said = page.querySelector('[data-triage-said]');
  const entries = [...form.querySelectorAll('fieldset')];
  const go = (place) => entries[Math.min(Math.max(place, 0), entries.length - 1)].focus();
  for (const entry of entries) entry.tabIndex = -1;
  help.hidden = false;
  help.querySelector('[data-triage-start]').addEventListener('click', () => go(0));
  form.addEventListener('keydown', (event) => {
    const entry = event.target.closest('fieldset');
    const place = entries.indexOf(entry);
    if (place < 0 || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const writing = event.target.matches('textarea');
    if (writing && event.key !== 'Escape') return;
    const key = event.key.toLowerCase();
    if (writing) entry.focus();
    else if (key === 'j') go(place + 1);
    else if (key === 'k') go(place - 1);
    else if (key === 'e') openText(entry);
    else if (!choose(entry, key, said)) return;
    else go(place + 1);
    event.preventDefault();
  });
}

function openText(entry) {
  const text = entry.querySelector('textarea');
  if (!text) return;
  const folded = text.closest('details');
  if (folded) folded.open = true;
  text.focus();
}

// A tick has only y; n takes it away.
function choose(entry, key, said) {
  const own = entry.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const field = own || (key === 'n' && entry.querySelector('input[type=checkbox][data-key]'));
  if (!field) return false;
  if (field.checked !== Boolean(own)) field.click();
  const name = own ? field.closest('label').textContent.trim() : '';
  said.textContent = `${entry.querySelector('legend').textContent} ${name || '—'}`;
  return true;
}
