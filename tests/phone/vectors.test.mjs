import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { runVectors } from './vectors.mjs';

const read = (name) => JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), 'utf8'));

test('RFC 9474 appendix A and RFC 9180 appendix A.3', async () => {
  assert.equal(await runVectors(read('rfc9474.json'), read('rfc9180-a3.json')), 5);
});
