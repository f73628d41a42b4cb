// The round has closed: whether this phone's ballot is in, by the published list; the results; what happens next.
import { fromBase64Url } from '../../protocol/bytes.js';
import { getOnce } from '../../protocol/client.js';
import { receiptOf } from '../../protocol/crockford.js';
import { button, h, heading, note, replaceChildrenOf, stepBar } from '../dom.js';
import { t } from '../language.js';

export function afterScreen(app) {
  const { record, description } = app;
  const standing = ['receipt', 'sealed'].find((field) => record[field]) || 'credential';
  const { state } = app.home.dataset;
  const address = `/public/${description.slug}`;
  const answer = h('div', { role: 'status' });
  const results = h('div', {});
  const cast = standing !== 'credential';
  const listed = state !== 'cancelled'; // a cancelled round publishes neither receipts nor results
  if (listed) offerResults(results, `${address}/results`);
  return h(
    'div', {}, heading(t(`after.${standing}`)), (!cast || listed) && note(t(`after.${standing}.text`)),
    record.receipt && h('p', { class: 'code', id: 'receipt-code', translate: 'no' }, record.receipt),
    cast && listed && button(t('after.check'), () => check(app, address, answer), 'primary wide'), answer,
    h('h2', {}, t('after.next')), h('p', {}, t(`after.${state}`)), results,
    h('a', { class: 'button wide', href: address }, t('problem.public')),
    stepBar(button(t('receipt.clear'), () => app.go('erase'), 'small')),
  );
}

async function offerResults(place, href) {
  const response = await fetch(href, { method: 'HEAD', credentials: 'omit', referrerPolicy: 'no-referrer' }).catch(() => ({}));
  if (response.ok) replaceChildrenOf(place, h('a', { class: 'button primary wide', href }, t('after.results')));
}

function inGroups(text) {
  return h('code', {}, text.replace(/.{16}/g, '$& '));
}

/** The list is fetched whole: nobody learns which receipt is looked for. */
async function check(app, address, answer) {
  const say = (key, kind, values) => replaceChildrenOf(answer, note(t(key, values), kind));
  say('after.checking', 'working');
  try {
    const receipt = app.record.receipt || (await receiptOf(fromBase64Url(app.record.sealed)));
    const list = (await getOnce(`${address}/receipts.txt`, { cache: 'no-cache' })).split('\n').filter(Boolean);
    const place = list.indexOf(receipt);
    const { posted } = app.record;
    if (place < 0) say(posted ? 'after.missing.posted' : app.record.receipt ? 'after.missing' : 'after.late', 'warn', { receipt });
    else say('after.found', '', { receipt, n: place + 1, total: list.length });
    if (place < 0 && posted) answer.append(h('p', {}, t('after.posted')), h('p', { class: 'fingerprint', translate: 'no' }, [posted.hash, posted.signature].map(inGroups)));
  } catch (error) {
    say('after.offline', 'warn');
  }
}
