// The receipt: copy it, keep it as a picture, clear this phone.
import { button, h, heading, note, painted, replaceChildrenOf, stepBar } from '../dom.js';
import { t } from '../language.js';
import { fetchScreen, screenOf } from './screens.js';

export function receiptScreen(app, hint) {
  const { receipt } = app.record;
  const address = `${location.origin}/public/${app.description.slug}`;
  const said = h('p', { class: 'said', role: 'status' });
  const picture = h('div', { class: 'picture' });
  const showPicture = async () => {
    replaceChildrenOf(picture, h('p', { class: 'hint', role: 'status' }, t('receipt.picture.making')));
    await painted();
    await fetchScreen('picture'); // until it is there
    replaceChildrenOf(picture, ...pictureOf(screenOf('picture')(app), app.description, receipt, address));
  };
  fetchScreen('picture').catch(() => {});
  return h(
    'div', { class: 'receipt' },
    h('p', { class: 'tick', 'aria-hidden': 'true' }, '✓'),
    heading(t('receipt.title')),
    note(t(hint || 'receipt.hint')),
    h('p', { class: 'code', id: 'receipt-code', translate: 'no' }, receipt),
    h('div', { class: 'row' }, button(t('receipt.copy'), () => copyReceipt(receipt, said), 'primary'), button(t('receipt.picture'), showPicture)),
    said, picture,
    h('p', { class: 'hint' }, t('receipt.where', { address })),
    h('hr'),
    h('p', { class: 'hint' }, t('receipt.clear.hint')),
    stepBar(button(t('receipt.clear'), () => app.clear(), 'small')), // below where the button to submit stood
  );
}

function pictureOf(receiptPicture, description, receipt, address) {
  const src = receiptPicture(description, receipt, address);
  const image = h('img', { src, alt: t('receipt.picture.alt', { code: receipt }), width: 720, height: 640 });
  return [h('a', { href: src, download: `${description.slug}-${receipt}.png` }, image), h('p', { class: 'hint' }, t('receipt.picture.hint'))];
}

async function copyReceipt(text, said) {
  said.textContent = (await copyText(text)) ? t('receipt.copied') : t('receipt.copy.failed');
}

// navigator.clipboard is refused in some in-app browsers; the old way works there.
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    const field = h('textarea', { class: 'off-screen', readonly: true });
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    return done;
  }
}
