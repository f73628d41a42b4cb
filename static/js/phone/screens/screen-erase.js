// What this phone keeps of one invitation, and what it means to erase it, or to leave it to whom it belongs.
import { button, h, heading, note, stepBar } from '../dom.js';
import { t } from '../language.js';
import { standingOf } from '../records.js';

export function eraseScreen(app) {
  const others = document.getElementById('start') && standingOf(app.record) !== 'receipt';
  return h(
    'div', {}, heading(t('erase.title')), note(t(`erase.${standingOf(app.record)}`), 'warn'),
    others && note(t('erase.others')),
    others && button(t('problem.code'), () => app.leave(), 'wide'),
    button(t('receipt.clear'), () => app.clear(), 'wide'),
    stepBar(button(t('back'), () => app.back())),
  );
}

/** A record under a name that other codes may share: only who filled it in knows whose it is. */
export function oldScreen(app) {
  const [slot, old] = app.oldRecord;
  const open = () => {
    const record = app.records.read(old);
    app.records.write(slot, record);
    app.records.clear(old);
    app.enter(slot, record);
  };
  return h(
    'div', {}, heading(t('old.title')), note(t('old.text')),
    button(t('old.mine'), open, 'wide'),
    stepBar(button(t('old.others'), () => (document.getElementById('start') ? app.fail({ code: 'invitation_used' }) : app.replace('promise')))),
  );
}
