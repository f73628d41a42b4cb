// Looks for a receipt in the published list, here in the browser: the number is never sent.
const RECEIPT_LENGTH = 16;

export function normalReceipt(text) {
  const plain = text.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  if (plain.length !== RECEIPT_LENGTH || !/^[0-9A-HJKMNP-TV-Z]+$/.test(plain)) return null;
  return plain.match(/.{4}/g).join('-');
}

export function lookUpReceipts(page) {
  const form = page.querySelector('[data-receipts]');
  const answer = page.querySelector('[data-receipt-answer]');
  if (!form || !answer) return;
  form.hidden = false;
  let list = null;
  const say = (kind, look) => {
    const note = page.createElement('p');
    note.className = `note note-${look}`;
    note.textContent = answer.dataset[kind];
    answer.replaceChildren(note);
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const wanted = normalReceipt(form.querySelector('input').value);
    if (!wanted) {
      say('malformed', 'danger');
      return;
    }
    try {
      if (!list) {
        const reply = await fetch(form.dataset.receipts, { credentials: 'omit' });
        if (!reply.ok) throw new Error(String(reply.status));
        list = new Set((await reply.text()).split('\n'));
      }
      if (list.has(wanted)) say('found', 'ok');
      else say('missing', 'warn');
    } catch (error) {
      say('offline', 'danger');
    }
  });
}
