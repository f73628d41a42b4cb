// What Chrome 86 and Safari 14.0 both read is ECMAScript 2020 and no newer: acorn, told so, must read it all.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';

const { parse } = createRequire(`${process.env.INTEROP}/`)('acorn');
const BUNDLES = process.env.BUNDLES.split(':');

function read(code, ecmaVersion, sourceType) {
  return parse(code, { ecmaVersion, sourceType });
}

test('every bundle is ES2020', () => {
  for (const path of BUNDLES) read(readFileSync(path, 'utf8'), 2020, 'module');
});

test('what is left out of a bundle is comments and nothing else', () => {
  const program = (path) => JSON.stringify(read(readFileSync(path, 'utf8'), 2020, 'module'), (key, value) => (
    ['start', 'end'].includes(key) ? undefined : typeof value === 'bigint' ? String(value) : value));
  for (const path of BUNDLES) {
    assert.equal(program(path), program(`${path}.whole`));
    assert.ok(readFileSync(path).length < readFileSync(`${path}.whole`).length);
  }
});

test('the notice for old browsers is ES5', () => {
  read(readFileSync(new URL('../../static/js/old-browser.js', import.meta.url), 'utf8'), 5, 'script');
});

test('the parser does refuse what is newer', () => {
  const newer = [
    'class A { #x = 1; }', 'class A { x = 1; }', 'class A { static { f(); } }', 'a ||= b;', 'const n = 1_000;',
    'await f();', '/a/d.test(b);', '/[a--b]/v.test(c);', 'x = #p in q;', 'export * as a from "b"; c ??= 1;',
  ];
  for (const code of newer) assert.throws(() => read(code, 2020, 'module'), SyntaxError, code);
  assert.throws(() => read('const a = () => 1;', 5, 'script'), SyntaxError);
});
