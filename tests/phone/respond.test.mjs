// The page's own thinking: what identifies a writer, and which screen comes next.
import assert from 'node:assert/strict';
import test from 'node:test';
import { identifyingDetails } from '../../static/js/phone/identifying.js';
import { allowedStep, minutesFor, stepAfter, stepBefore, stepsOf } from '../../static/js/phone/route.js';

const FOUND = {
  '电话 139 1234 5678': ['phone'],
  '０５７１-88886666 打不通': ['phone'],
  '证号11010519491231002X': ['number'],
  '代码91330106MA2CFRXX3K': ['number'],
  '车牌浙A·12345被贴单': ['plate'],
  '我叫张伟': ['name'],
  '王科长态度差': ['name'],
  '李某某先生': ['name'],
  '我们宏达机械有限公司': ['firm'],
  '邮箱 a.b@c.com': ['contact'],
  '微信：abc12345': ['contact'],
};
const HARMLESS = [
  '窗口少，排队两个小时。', '2026 年 3 月提交材料，20 个工作日才批。', '网上办事系统经常打不开', '希望多开放周末办理',
  '材料要求前后不一致，来回跑了 5 趟', '收费标准不公开', '',
];

test('identifying details are pointed out', () => {
  for (const [text, kinds] of Object.entries(FOUND)) assert.deepEqual(identifyingDetails(text), kinds, text);
  for (const text of HARMLESS) assert.deepEqual(identifyingDetails(text), [], text);
});

const questionnaire = { items: Array(6).fill({}), strata: [{}], departments: Array(9).fill({}) };
const answers = (picked, ratings = {}) => ({ picked, ratings, comments: {}, strata: [] });

test('screens follow one another', () => {
  const two = answers([4, 2], { 4: [1, 0, 0, 0, 0, 0] });
  assert.deepEqual(stepsOf(questionnaire, two), ['pick', 'rate-4', 'rate-2', 'facts', 'review']);
  assert.deepEqual(stepsOf({ ...questionnaire, strata: [] }, two), ['pick', 'rate-4', 'rate-2', 'review']);
  assert.equal(stepAfter(questionnaire, two, 'rate-4', false), 'rate-2');
  assert.equal(stepAfter(questionnaire, two, 'rate-4', true), 'review');
  assert.equal(stepAfter(questionnaire, two, 'pick', true), 'rate-2');
  assert.equal(stepBefore(questionnaire, two, 'rate-4'), 'pick');
  assert.equal(stepBefore(questionnaire, two, 'pick'), 'promise');
  assert.equal(minutesFor(answers([]), questionnaire), 1);
  assert.ok(minutesFor(answers([1, 2, 3, 4, 5, 6]), questionnaire) <= 4);
});

test('no screen is entered that the record does not allow', () => {
  const open = { credential: {}, answers: answers([4]) };
  assert.equal(allowedStep(questionnaire, null, 'review'), 'promise');
  assert.equal(allowedStep(questionnaire, { answers: answers([]) }, 'pick'), 'promise');
  assert.equal(allowedStep(questionnaire, open, 'rate-4'), 'rate-4');
  assert.equal(allowedStep(questionnaire, open, 'rate-5'), 'pick');
  assert.equal(allowedStep(questionnaire, open, 'submit'), 'review');
  assert.equal(allowedStep(questionnaire, { ...open, sealed: 'x' }, 'review'), 'submit');
  assert.equal(allowedStep(questionnaire, { receipt: 'x' }, 'review'), 'receipt');
});
