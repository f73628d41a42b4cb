// What this phone keeps: one record per invitation, named by the code's two check characters
// (10 bits, too few to tell which invitation it was). Nothing else is kept, and nothing leaves the phone.

const memory = new Map();

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
  const keys = () => (kept ? Object.keys(kept) : [...memory.keys()]).filter((key) => key.startsWith(prefix));
  return {
    lasting: kept !== null,
    slots: () => keys().map((key) => key.slice(prefix.length)).sort(),
    read(slot) {
      const text = kept ? kept.getItem(prefix + slot) : memory.get(prefix + slot);
      try {
        return text ? JSON.parse(text) : null;
      } catch (error) {
        return null;
      }
    },
    write(slot, record) {
      const text = JSON.stringify(record);
      memory.set(prefix + slot, text);
      try {
        if (kept) kept.setItem(prefix + slot, text);
        return kept !== null;
      } catch (error) {
        return false;
      }
    },
    clear(slot) {
      if (kept) kept.removeItem(prefix + slot);
      memory.delete(prefix + slot);
    },
  };
}

export function newRecord() {
  return { answers: { picked: [], ratings: {}, comments: {}, strata: [] }, at: 'pick' };
}

/** The record to go on with when the address carries no code: an unfinished one before a receipt. */
export function slotToResume(records) {
  const slots = records.slots();
  const has = (field) => slots.find((slot) => (records.read(slot) || {})[field]);
  const unfinished = slots.find((slot) => {
    const record = records.read(slot) || {};
    return record.credential && !record.receipt;
  });
  return unfinished || has('receipt') || null;
}
