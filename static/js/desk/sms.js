// How long the longest text message will be, and how many carriers charge for: told again while the text is edited.
const SINGLE = 70;
const PART = 67; // survey/documents/lists/sms.py says why

export function countMessages(page) {
  const area = page.querySelector('textarea[data-longest]');
  const line = page.getElementById('sms');
  if (!area || !line) return;
  const known = JSON.parse(area.dataset.longest);
  area.addEventListener('input', () => {
    const { length } = area.value.trim().replace(/\{(\w+)\}/g, (whole, name) => (name in known ? known[name] : whole));
    const count = length <= SINGLE ? 1 : Math.ceil(length / PART);
    line.textContent = line.dataset.text.replace('#length', length).replace('#count', count);
  });
}
