// The two posts, and what the page fetches. No cookie, no referrer; whatever may be tried again is tried again,
// more and more slowly.
import { ProtocolError } from './errors.js';

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30000;
const REPLY_WITHIN = 20000;

/** Post JSON once. Throws a ProtocolError: `offline`, `busy`, or the server's own name for what is wrong. */
export function postOnce(url, body, type = 'application/json') {
  const headers = { 'Content-Type': type };
  return ask(url, { method: 'POST', body: JSON.stringify(body), headers, cache: 'no-store' }, readReply, REPLY_WITHIN);
}

/** Fetch a text once, as `request` says. Throws a ProtocolError: `offline`, `busy`, or `malformed` when it is not there. */
export function getOnce(url, request, within = REPLY_WITHIN) {
  return ask(url, request, readText, within);
}

async function ask(url, request, read, within) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), within);
  try {
    const response = await fetch(url, { ...request, credentials: 'omit', referrerPolicy: 'no-referrer', signal: abort.signal });
    if (response.status >= 500 || response.status === 429 || response.status === 408) throw new ProtocolError('busy');
    return await read(response);
  } catch (error) {
    throw error instanceof ProtocolError ? error : new ProtocolError('offline');
  } finally {
    clearTimeout(timer);
    abort.abort(); // an answer that nobody read on would keep its connection
  }
}

async function readReply(response) {
  const reply = await response.json(); // not JSON: something between us and the server answered
  if (!response.ok) throw new ProtocolError(reply.error || 'malformed');
  return reply;
}

function readText(response) {
  if (!response.ok) throw new ProtocolError('malformed');
  return response.text();
}

export function mayRetry(error) {
  return error.code === 'offline' || error.code === 'busy';
}

/** How long to wait after the `attempt`-th failure, in milliseconds, with jitter so that phones spread out. */
export function waitAfter(attempt, random = Math.random()) {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1)) * (0.5 + random / 2);
}

/** Wait, but no longer than until the phone is online again or somebody calls `wake()`. */
function pause(milliseconds, control) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    window.addEventListener('online', done);
    control.wake = done;
  });
}

/**
 * Run `action` until it succeeds or fails for good.
 * @param {{onState: function, stopped?: boolean, wake?: function}} control `onState(state, attempt)` with state
 *   "sending", "offline" or "busy"; set `stopped` to give up after the running attempt.
 */
export async function untilDone(action, control) {
  for (let attempt = 1; ; attempt += 1) {
    control.onState('sending', attempt);
    try {
      return await action();
    } catch (error) {
      if (!mayRetry(error) || control.stopped) throw error;
      control.onState(error.code, attempt);
      await pause(waitAfter(attempt), control);
      if (control.stopped) throw error;
    }
  }
}
