// How easily a passphrase is guessed, without sending it and without a word list of megabytes: an estimate that is never kinder
// than the site's rule for passwords (tests/phone/test_strength.py compares the two on a table).

/** The least exponent of ten of the guesses; the site's rule asks for 10⁸. */
export const STRONG_ENOUGH = 8.5;
const OUR_WORDS = ['pingyi', '评议', '人大', '政协', 'renda', 'zhengxie', 'admin', 'guanliyuan'];
const COMMON = (
  'password passwort passw0rd iloveyou woaini welcome letmein dragon monkey football baseball master shadow sunshine princess '
  + 'superman batman qazwsx trustno starwars computer internet secret mustang michael charlie jordan hunter ranger jennifer '
  + 'zhongguo beijing shanghai nihao mima kouling yaoshi wangluo zhangsan lisi wangwu xiaoming test user root login abc hello'
).split(' ');
const ROWS = ['01234567890', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  '一二三四五六七八九十', '零一二三四五六七八九', '甲乙丙丁戊己庚辛壬癸'];
const KNOWN_NUMBER = /^(1[3-9]\d{9}|\d{17}[\dXx]|[0-9A-Z]{2}\d{6}[0-9A-Z]{10})$/;
const WALK = 3;
const LOOKED_AT = 64;
const WRITABLE = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const kindOf = (sign) => (/\d/.test(sign) ? 'digit' : /[a-z]/.test(sign) ? 'small' : /[A-Z]/.test(sign) ? 'large' : 'other');

/** The exponent of ten of the guesses for `text`, estimated low. */
export function exponentOf(text, known = []) {
  const whole = text.slice(0, LOOKED_AT);
  if (KNOWN_NUMBER.test(whole.replace(/[ -]/g, ''))) return 0;
  return restExponent(withoutPatterns(withoutKnown(whole, [...OUR_WORDS, ...known])));
}

function withoutKnown(text, words) {
  const parts = words.flatMap((word) => [word, ...word.split(/\s+/)]).filter((part) => part.length > 1);
  return parts.sort((a, b) => b.length - a.length).reduce((left, part) => left.split(new RegExp(escapedText(part), 'i')).join(''), text);
}

const escapedText = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Common words, walks along rows, repetitions and years, each replaced by one sign that counts half. */
function withoutPatterns(text) {
  let left = text.replace(/(.+?)\1+/gu, '$1\u0001').replace(/(19|20)\d\d((0[1-9]|1[0-2])([0-2]\d|3[01])?)?/g, '\u0001');
  for (const word of COMMON) left = left.split(new RegExp(word, 'i')).join('\u0001');
  return ROWS.reduce((rest, row) => withoutWalks(withoutWalks(rest, row), [...row].reverse().join('')), left);
}

function withoutWalks(text, row) {
  let left = text;
  for (let length = row.length; length >= WALK; length -= 1) {
    for (let at = 0; at + length <= row.length; at += 1) {
      left = left.split(new RegExp(escapedText(row.slice(at, at + length)), 'i')).join('\u0001');
    }
  }
  return left;
}

/** Long runs of letters are words, of which a sign tells little; signs of changing kinds tell more. */
function restExponent(text) {
  const runs = text.match(/[a-z]+|[A-Z]+|\d+|\u0001+|[^a-zA-Z\d\u0001]/gu) || [];
  let total = 0;
  runs.forEach((run, place) => {
    if (run[0] === '\u0001') total += 0.5;
    else if (kindOf(run[0]) === 'other') total += /[\s\-_.,!@#]/.test(run) ? 0.3 : 1;
    else if (run.length <= 2) total += run.length * (place === 0 && kindOf(run[0]) === 'large' ? 0.3 : 0.9);
    else total += run.length * (kindOf(run[0]) === 'digit' ? 0.8 : 0.45);
  });
  return total;
}

/** A passphrase of 80 random bits, in groups that can be written down. */
export function newPassphrase() {
  const letters = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => WRITABLE[byte & 31]);
  return letters.join('').replace(/.{4}(?=.)/g, '$&-');
}
