// What was typed into a form marked data-unsaved is not thrown away without a word: the browser asks before leaving.
export function guardUnsaved(page) {
  const form = page.querySelector('form[data-unsaved]');
  if (!form) return;
  let changed = form.dataset.unsaved === 'yes'; // what was refused is shown again and is not saved either
  form.addEventListener('input', () => {
    changed = true;
  });
  form.addEventListener('submit', () => {
    changed = false;
  });
  window.addEventListener('beforeunload', (event) => {
    if (changed) event.preventDefault();
  });
}
