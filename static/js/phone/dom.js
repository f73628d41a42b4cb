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

/** Resolves when a frame with what stands on the page now has been shown, so that a tap is answered before the work it asks for. */
export function painted() {
  return new Promise((resolve) => {
    const unseen = setTimeout(resolve, 200); // a page in the background is given no frames
    requestAnimationFrame(() => setTimeout(() => {
      clearTimeout(unseen);
      for (const bar of document.querySelectorAll('.bar')) bar.classList.toggle('tall', bar.offsetHeight > innerHeight / 3);
      resolve();
    }, 0));
  });
}

/** Call `pieces` in order: the first `atOnce` now, the others `size` to a frame, as long as `container` is on the page. */
export async function placeInPieces(container, pieces, atOnce, size) {
  for (let i = 0; i < pieces.length; i += 1) {
    if (i >= atOnce && (i - atOnce) % size === 0) {
      await painted();
      if (!container.isConnected) return;
    }
    pieces[i]();
  }
}

export function replaceChildrenOf(element, ...children) {
  while (element.firstChild) element.removeChild(element.firstChild);
  element.append(...children.filter(Boolean));
}
