// What this phone keeps: one record an invitation, named by a hash of its whole code that nobody can make who does not
// have the code, the server included. Nothing else is kept, and nothing leaves the phone.
import { sha256, toBase64Url, utf8 } from '../protocol/bytes.js';

const unkept = new Map(); // what the browser would not keep, for as long as the page is open

/** The name of the record of `code` in this round. */
export async function slotOf(roundId, code) {
  const digest = await sha256(utf8(`pingyi-record:${roundId}:${code}`));
  return toBase64Url(digest.slice(0, 16));
}

/** The name before: two check characters, which another invitation's code may share. */
export function oldSlotOf(code) {
  return code.slice(-2);
}

/** How far a record is; no tab goes back behind what another one has kept. */
export function standingOf(record) {
  return ['receipt', 'sealed', 'credential', 'pending'].find((field) => record && record[field]) || 'none';
}

const STANDINGS = ['none', 'pending', 'credential', 'sealed', 'receipt'];

function storage() {
  try {
    localStorage.setItem('pingyi-probe', '1');
    localStorage.removeItem('pingyi-probe');
    return localStorage;
  } catch (error) {
    return null;
  }
}

/** @returns the records of one round; `lasting` is false where the browser refuses to keep anything. */
export function openRecords(roundId) {
  const kept = storage();
  const prefix = `pingyi:${roundId}:`;
  const mine = new Set(); // read from there or written there by this page
  const keys = () => [...unkept.keys(), ...(kept ? Object.keys(kept) : [])].filter((key) => key.startsWith(prefix));
  const keptAs = (slot) => kept && kept.getItem(prefix + slot);
  const parsed = (text) => {
    try {
      return text ? JSON.parse(text) : null;
    } catch (error) {
      return null;
    }
  };
  return {
    get lasting() {
      return kept !== null && !unkept.size;
    },
    slots: () => [...new Set(keys())].map((key) => key.slice(prefix.length)).sort(),
    read(slot) {
      const text = unkept.get(prefix + slot) || keptAs(slot);
      if (text) mine.add(slot);
      return parsed(text);
    },
    /** Whether another tab has gone further with this record than `record` is, or has cleared it. */
    overtaken(slot, record) {
      if (!kept || unkept.has(prefix + slot)) return false;
      const other = parsed(keptAs(slot));
      return other ? STANDINGS.indexOf(standingOf(other)) > STANDINGS.indexOf(standingOf(record)) : mine.has(slot);
    },
    write(slot, record) {
      const text = JSON.stringify(record);
      try {
        if (kept) kept.setItem(prefix + slot, text);
      } catch (error) {
        unkept.set(prefix + slot, text);
        return false;
      }
      if (kept) {
        mine.add(slot);
        unkept.delete(prefix + slot);
      } else unkept.set(prefix + slot, text);
      return kept !== null;
    },
    /** Whether so many characters more can be kept and read again. */
    holds(characters) {
      const text = 'x'.repeat(characters);
      try {
        kept.setItem('pingyi-probe', text);
        return kept.getItem('pingyi-probe') === text;
      } catch (error) {
        return false;
      } finally {
        if (kept) kept.removeItem('pingyi-probe');
      }
    },
    clear(slot) {
      if (kept) kept.removeItem(prefix + slot);
      unkept.delete(prefix + slot);
      mine.delete(slot);
    },
    /** Have `told(slot)` told whenever another tab has changed a record. */
    follow(told) {
      window.addEventListener('storage', ({ key }) => key && key.startsWith(prefix) && told());
      document.addEventListener('visibilitychange', () => document.hidden || told());
    },
  };
}

export function newRecord() {
  return { answers: { picked: [], ratings: {}, comments: {}, strata: [] }, at: 'pick' };
}

/** The record to go on with when the address carries no code: an unfinished one before a receipt. */
export function slotToResume(records) {
  const slots = records.slots();
  const unfinished = slots.find((slot) => ['sealed', 'credential'].includes(standingOf(records.read(slot))));
  return unfinished || slots.find((slot) => standingOf(records.read(slot)) === 'receipt') || null;
}
