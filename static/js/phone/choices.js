// A set of large choices: radio buttons under the thumb, words before colour.
import { h } from './dom.js';

let groupCount = 0;

/** 非常满意 breaks after 非常, never before its last character. */
function breakable(label) {
  return /^[\u4e00-\u9fa5]{4,}$/.test(label) ? [label.slice(0, 2), h('wbr'), label.slice(2)] : [label];
}

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
    const input = h('input', { type: 'radio', name, value: option.value, 'aria-label': option.label });
    input.checked = option.value === value;
    return h('label', { class: option.apart ? 'choice apart' : 'choice' }, input, h('span', {}, breakable(option.label)));
  };
  return h(
    'fieldset',
    { class: `choices of-${scale} ${kind}`.trim(), onchange: (event) => onPick(Number(event.target.value)) },
    h('legend', {}, h('span', {}, legend)),
    hint && h('p', { class: 'hint' }, hint),
    h('div', { class: 'options' }, options.filter((option) => !option.apart).map(choice)),
    options.filter((option) => option.apart).map(choice),
  );
}

/** Check the choice of each of the groups in `container` that `values` has for it, and no other. */
export function recheck(container, values) {
  container.querySelectorAll('fieldset').forEach((group, i) => {
    group.querySelectorAll('input').forEach((input) => {
      const wanted = Number(input.value) === values[i];
      if (input.checked !== wanted) input.checked = wanted;
    });
  });
}
