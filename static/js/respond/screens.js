// The screens that are here. Those of the ballot come as a script of their own, fetched while the promise is read,
// so that the page itself is small; the page's content policy knows that script by its hash.
import { utf8 } from '../protocol/bytes.js';
import { getOnce, untilDone } from '../protocol/client.js';
import { ProtocolError } from '../protocol/errors.js';
import { h } from './dom.js';

const screens = {};
const ballot = { state: 'sending', attempt: 1, underWay: null, arrived() {} };

export function addScreens(more) {
  Object.assign(screens, more);
  ballot.arrived();
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

async function runBallot() {
  const { href, integrity } = document.getElementById('ballot').dataset;
  // What a cache holds may be damaged: a second attempt goes past it.
  const text = await getOnce(href, { cache: ballot.attempt > 1 ? 'reload' : 'default' });
  // The policy would refuse it too, but without a word. (With its hash in the request, a 503 would pass for no network.)
  if ((await integrityOf(text)) !== integrity) throw new ProtocolError('offline', 'changed on its way');
  await new Promise((resolve) => {
    ballot.arrived = resolve;
    document.body.append(h('script', { type: 'module' }, text));
  });
}

function tell(state, attempt) {
  Object.assign(ballot, { state, attempt });
  if (ballot.onState) ballot.onState(state, attempt);
}

/** Fetch the ballot's screens, once for all who ask; rejects with a ProtocolError when they are not to be had. */
export function fetchBallot() {
  if (!ballot.underWay) {
    ballot.control = { onState: tell };
    ballot.underWay = untilDone(runBallot, ballot.control);
    ballot.underWay.catch(() => { ballot.underWay = null; });
  }
  return ballot.underWay;
}

/** Have `onState(state, attempt)` told how the fetching fares, from now on. */
export function followBallot(onState) {
  ballot.onState = onState;
  onState(ballot.state, ballot.attempt);
}

export function fetchBallotNow() {
  if (ballot.control && ballot.control.wake) ballot.control.wake();
}
