// Whether this browser can keep the promise at all. It never falls back to anything weaker.

/** @returns {string} '' when it can, else the problem: "insecure" (plain http) or "unsupported". */
export function lackOfSupport() {
  if (window.isSecureContext === false) return 'insecure';
  const complete = typeof BigInt === 'function' && window.crypto && crypto.subtle && window.TextEncoder && window.AbortController;
  return complete ? '' : 'unsupported';
}
