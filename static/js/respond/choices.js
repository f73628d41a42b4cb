// A set of large choices: radio buttons under the thumb, words before colour.
import { h } from './dom.js';

let groupCount = 0;

/**
 * @param {string} legend what is asked.
 * @param {{label: string, value: number, apart?: boolean}[]} options `apart` stands beside the scale (不了解).
 * @param {number|undefined} value the chosen one. @param {function(number)} onPick called with the new value.
 */
export function choiceGroup(legend, options, value, onPick, { hint = '', kind = '' } = {}) {
  groupCount += 1;
  const name = `choice-${groupCount}`;
  const scale = options.filter((option) => !option.apart).length;
  const choice = (option) => {
    const input = h('input', { type: 'radio', name, value: option.value, onchange: () => onPick(option.value) });
    input.checked = option.value === value;
    return h('label', { class: option.apart ? 'choice apart' : 'choice' }, input, h('span', {}, option.label));
  };
  return h(
    'fieldset',
    { class: `choices of-${scale} ${kind}`.trim() },
    h('legend', {}, h('span', {}, legend)),
    hint && h('p', { class: 'hint' }, hint),
    h('div', { class: 'options' }, options.map(choice)),
  );
}
