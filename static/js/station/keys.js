// Keys of the page on which marks are settled: each presses the button or link that shows it.
const MOVES_ON = 'Enter';

export function pressByKey(page) {
  const first = page.querySelector('[data-first]');
  if (first && !page.querySelector('[data-text]')) first.focus();
  // One decision a page: the second press of a key that is held down is not meant for the next item.
  let pressed = false;
  page.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (event.target.form?.dataset.text !== undefined) {
      if (event.key === MOVES_ON && !event.shiftKey) {
        event.preventDefault();
        event.target.form.requestSubmit();
      }
      return;
    }
    if (event.target.matches('input, textarea, select')) return;
    const wanted = [...page.querySelectorAll('[data-key]')].find((each) => each.dataset.key === event.key);
    if (!wanted || pressed) return;
    event.preventDefault();
    pressed = true;
    wanted.click();
  });
}
