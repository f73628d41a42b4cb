// Looks for a receipt in the published list and proves it against the published root, here in the browser: the
// number is never sent. Whoever does not trust this page uses `pingyi verify` with the same list and root.
import { fromHex, toHex } from '../protocol/bytes.js';
import { inclusionPath, provesInclusion } from './merkle.js';

const RECEIPT_LENGTH = 16;
const RECEIPT_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export function normalReceipt(text) {
  const plain = text.normalize('NFKC').toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  if (plain.length !== RECEIPT_LENGTH || !/^[0-9A-HJKMNP-TV-Z]+$/.test(plain)) return null;
  return plain.match(/.{4}/g).join('-');
}

/** The 10 bytes of a receipt in its normal form. */
export function receiptBytes(receipt) {
  let value = 0n;
  for (const character of receipt.replace(/-/g, '')) value = (value << 5n) | BigInt(RECEIPT_ALPHABET.indexOf(character));
  return fromHex(value.toString(16).padStart(20, '0'));
}

/**
 * What the list says of a receipt: `{kind: "missing"}`, or `found` or `broken` (the list does not hash to the root)
 * with the receipt's place and path.
 */
export async function proveReceipt(list, wanted, root) {
  const index = list.indexOf(wanted);
  if (index < 0) return { kind: 'missing' };
  const leaves = list.map(receiptBytes);
  const path = await inclusionPath(leaves, index);
  const holds = await provesInclusion(leaves[index], path, fromHex(root));
  return { kind: holds ? 'found' : 'broken', index, size: list.length, path };
}

function proofElement(page, texts, proof) {
  const details = page.createElement('details');
  const add = (parent, name, text, className) => {
    const element = page.createElement(name);
    if (className) element.className = className;
    element.textContent = text;
    return parent.appendChild(element);
  };
  add(details, 'summary', texts.proof);
  const place = texts.place.replace('{index}', proof.index + 1).replace('{size}', proof.size);
  add(details, 'p', place.replace('{steps}', proof.path.length), 'small muted');
  const steps = details.appendChild(page.createElement('ol'));
  for (const { side, hash } of proof.path) {
    add(steps, 'li', texts[side]).appendChild(page.createElement('span')).className = 'fingerprint';
    steps.lastChild.lastChild.textContent = toHex(hash);
  }
  return details;
}

export function lookUpReceipts(page) {
  const form = page.querySelector('[data-receipts]');
  const answer = page.querySelector('[data-receipt-answer]');
  if (!form || !answer) return;
  form.hidden = false;
  let list = null;
  const looks = { found: 'ok', missing: 'warn' };
  const say = (proof) => {
    const note = page.createElement('div');
    note.className = `note note-${looks[proof.kind] || 'danger'}`;
    note.appendChild(page.createElement('p')).textContent = answer.dataset[proof.kind];
    if (proof.path) note.appendChild(proofElement(page, answer.dataset, proof));
    answer.replaceChildren(note);
  };
  const look = async (wanted) => {
    if (!wanted) return { kind: 'malformed' };
    if (!window.isSecureContext) return { kind: 'insecure' };
    try {
      if (!list) {
        const reply = await fetch(form.dataset.receipts, { credentials: 'omit' });
        if (!reply.ok) throw new Error(String(reply.status));
        list = (await reply.text()).split('\n').filter(Boolean);
      }
    } catch (error) {
      return { kind: 'offline' };
    }
    return proveReceipt(list, wanted, form.dataset.root);
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    say(await look(normalReceipt(form.querySelector('input').value)));
  });
}
