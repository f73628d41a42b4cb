// A button with data-copy="id" puts the text of that element into the clipboard; without a clipboard it stays hidden.
export function offerCopies(page) {
  if (!navigator.clipboard) return;
  for (const button of page.querySelectorAll('[data-copy]')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(page.querySelector(`#${button.dataset.copy}`).textContent.trim());
      button.textContent = button.dataset.copied;
    });
  }
}
