// Standard input: [[passphrase, known words], …]; standard output: whether each is accepted, and a suggestion.
import { exponentOf, newPassphrase, STRONG_ENOUGH } from '../../static/js/keyholder/strength.js';

let text = '';
for await (const part of process.stdin) text += part;
const accepted = JSON.parse(text).map(([given, known]) => [...given].length >= 12 && exponentOf(given, known) >= STRONG_ENOUGH);
console.log(JSON.stringify({ accepted, offered: [newPassphrase(), newPassphrase()] }));
