// Reads {leaves: [hex], index, receipts?: [text], root?: hex} and writes what the browser's Merkle code makes of it.
import { readFileSync } from 'node:fs';
import { fromHex, sha256, toHex } from '../../static/js/protocol/bytes.js';
import { inclusionPath, provesInclusion, rootOfPath } from '../../static/js/desk/merkle.js';
import { normalReceipt, proveReceipt, receiptBytes } from '../../static/js/desk/receipts.js';

const cases = JSON.parse(readFileSync(0, 'utf8'));
const answers = [];
for (const { leaves, index, list, wanted, root } of cases) {
  if (list) {
    const proof = await proveReceipt(list, normalReceipt(wanted), root);
    answers.push({ kind: proof.kind, bytes: list.map((receipt) => toHex(receiptBytes(receipt))) });
    continue;
  }
  const bytes = leaves.map(fromHex);
  const path = leaves.length ? await inclusionPath(bytes, index) : [];
  const found = leaves.length ? await rootOfPath(bytes[index], path) : await sha256(new Uint8Array(0));
  const proves = leaves.length ? await provesInclusion(bytes[index], path, found) : null;
  answers.push({ root: toHex(found), path: path.map(({ hash }) => toHex(hash)), proves });
}
process.stdout.write(JSON.stringify(answers));
