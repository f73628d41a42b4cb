// What must not be done twice on one phone is done by one tab at a time, and each looks first at what is there by then.
// Web Locks where there are any (Safari has them since 15.4), else a lease in the storage that the tabs share.
import { randomBytes, toBase64Url } from '../protocol/bytes.js';

const LEASE = 3000; // ms without a sign of life after which a tab is taken for gone
const SETTLE = 120; // ms in which a tab sees what another one has written
const LONGEST = 10000; // ms to wait for a tab that sleeps with the lock in its hand

/** Run `work` while no other tab runs work of this `name`; `shared` is whether tabs share a storage at all. */
export function alone(name, shared, work) {
  if (!shared) return work();
  return navigator.locks ? aloneByLock(name, work) : aloneByLease(name, work);
}

async function aloneByLock(name, work) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), LONGEST);
  const done = new Promise((resolve) => {
    const begin = async () => {
      clearTimeout(timer);
      const result = work();
      resolve(result);
      await result;
      await wait(SETTLE); // other tabs are in other processes: what was written takes its way there
    };
    navigator.locks.request(name, { signal: abort.signal }, begin).catch(() => resolve(abort.signal.aborted ? work() : done));
  });
  return done;
}

function wait(milliseconds) {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}

async function aloneByLease(name, work) {
  const me = toBase64Url(randomBytes(9));
  const holder = () => {
    const [who, when] = (localStorage.getItem(name) || '').split(' ');
    return Math.abs(Date.now() - when) < LEASE ? who : '';
  };
  const claim = () => localStorage.setItem(name, `${me} ${Date.now()}`);
  let beat = 0;
  try {
    while (holder() !== me) {
      if (!holder()) claim();
      await wait(SETTLE * (1 + Math.random()));
    }
    beat = setInterval(claim, LEASE / 6);
  } catch (error) {
    // full: the storage holds nothing new that two tabs could disagree about
  }
  try {
    return await work();
  } finally {
    clearInterval(beat);
    setTimeout(() => holder() === me && localStorage.removeItem(name), SETTLE);
  }
}
