// What stands in the place of a ballot's screen while its script is not here.
import { button, h, heading, note, stepBar } from '../dom.js';
import { t } from '../language.js';
import { fetchScreen, fetching, followBallot } from './screens.js';
import { againButton, showState } from '../state-line.js';

/** Where the invitation stands; nothing while its request may or may not have arrived. */
function standing({ record }) {
  if (!record) return note(t('open.unused'));
  return record.credential && note(t('open.kept'));
}

export function openScreen(app) {
  const line = note('', 'working', { role: 'status' });
  const screen = h(
    'div', {}, heading(t('open.title')), line,
    standing(app),
    stepBar(button(t('back'), () => app.replace('promise')), againButton(fetching)),
  );
  const stillHere = (act) => (error) => screen.isConnected && act(error);
  fetchScreen(app.step).then(stillHere(() => app.draw(true)), stillHere((error) => app.fail(error)));
  followBallot((state, attempt) => showState(line, 'open', state, attempt));
  return screen;
}
