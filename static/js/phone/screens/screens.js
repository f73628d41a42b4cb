// The screens that are here. Those of the ballot come as a script of their own, fetched while the promise is read, what
// nobody needs to begin as another one when it is asked for; the page's content policy knows both by their hashes.
import { utf8 } from '../../protocol/bytes.js';
import { getOnce, untilDone } from '../../protocol/client.js';
import { ProtocolError } from '../../protocol/errors.js';
import { h } from '../dom.js';

const screens = {};
const LATER = ['erase', 'old', 'after', 'picture', 'details', 'interview'];
const underWay = {};
const arrived = {};
let onState = () => {};

/** The control of the fetching (see `untilDone`), which also remembers how it fares. */
export const fetching = {
  state: 'sending',
  attempt: 1,
  onState(state, attempt) {
    Object.assign(fetching, { state, attempt });
    onState(state, attempt);
  },
};

/** More screens; `script` is the fetched one that they came with. */
export function addScreens(more, script = '') {
  Object.assign(screens, more);
  if (arrived[script]) arrived[script]();
}

/** What draws `step`, where `rate-3` is the screen `rate` with 3; undefined while its script is not here. */
export function screenOf(step) {
  const [name, number] = step.split('-');
  return screens[name] && ((app) => screens[name](app, Number(number)));
}

/** The value of an `integrity` attribute (W3C Subresource Integrity). */
async function integrityOf(text) {
  const digest = await crypto.subtle.digest('SHA-384', utf8(text));
  return `sha384-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}

async function runScript(id) {
  const { href, integrity } = document.getElementById(id).dataset;
  // What a cache holds may be damaged: a second attempt goes past it.
  const text = await getOnce(href, { cache: fetching.attempt > 1 ? 'reload' : 'default' });
  // The policy would refuse it too, but without a word. (With its hash in the request, a 503 would pass for no network.)
  if ((await integrityOf(text)) !== integrity) throw new ProtocolError('offline', 'changed on its way');
  await new Promise((resolve) => {
    arrived[id] = resolve;
    document.body.append(h('script', { type: 'module' }, text));
  });
}

/** Fetch the script of the screen `step`, once for all who ask; rejects with a ProtocolError when it is not to be had. */
export function fetchScreen(step) {
  const id = LATER.includes(step) ? 'later' : screens.pick && !screens[step] ? 'witness' : 'ballot';
  if (!underWay[id]) {
    underWay[id] = untilDone(() => runScript(id), fetching);
    underWay[id].catch(() => { underWay[id] = null; });
  }
  return underWay[id];
}

/** Have `told(state, attempt)` told how the fetching fares, from now on. */
export function followBallot(told) {
  onState = told;
  told(fetching.state, fetching.attempt);
}
