// Building pages from data: text goes in as text, never as markup.

/**
 * h('p', {class: 'hint', onclick: f}, 'text', child, [more])
 * Properties that begin with "on" are listeners; true and false set and leave out an attribute.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function heading(text, level = 'h1') {
  return h(level, { tabindex: '-1', class: 'step-title' }, text);
}

export function button(text, onclick, kind = '') {
  return h('button', { type: 'button', class: `button ${kind}`.trim(), onclick }, text);
}

export function note(text, kind = '', properties = {}) {
  return h('p', { class: `note ${kind}`.trim(), ...properties }, text);
}

/** The bar at the bottom: going back on the left, going on at the right. */
export function stepBar(...children) {
  return h('div', { class: 'bar' }, ...children);
}

export function replaceChildrenOf(element, ...children) {
  while (element.firstChild) element.removeChild(element.firstChild);
  element.append(...children.filter(Boolean));
}
