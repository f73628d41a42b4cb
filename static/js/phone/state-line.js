// The line that says how a request fares, and the button that does not wait for the next attempt.
import { button } from './dom.js';
import { t } from './language.js';

/** Say `state` of the attempt: `collect.sending`, `collect.sending.again`, `collect.offline`, where `texts` is "collect". */
export function showState(line, texts, state, attempt) {
  line.className = state === 'sending' ? 'note working' : 'note warn';
  line.textContent = t(state === 'sending' && attempt > 1 ? `${texts}.sending.again` : `${texts}.${state}`, { n: attempt });
}

/** For `untilDone` under this `control`. */
export function againButton(control) {
  return button(t('again'), () => control.wake && control.wake(), 'primary');
}
