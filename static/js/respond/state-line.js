// The line that says how a request fares.
import { t } from './language.js';

/** Say `state` of the attempt: `collect.sending`, `collect.sending.again`, `collect.offline`, where `texts` is "collect". */
export function showState(line, texts, state, attempt) {
  line.className = state === 'sending' ? 'note working' : 'note warn';
  line.textContent = t(state === 'sending' && attempt > 1 ? `${texts}.sending.again` : `${texts}.${state}`, { n: attempt });
}
