// What hardly anybody needs to begin: details in a comment, the receipt as a picture, what this phone keeps, a closed
// round, and what a clerk sees who fills in for somebody on the telephone.
import { identifyingDetails } from '../identifying.js';
import { note } from '../dom.js';
import { addTexts, t } from '../language.js';
import { receiptPicture } from '../receipt-picture.js';
import { afterScreen } from './screen-after.js';
import { eraseScreen, oldScreen } from './screen-erase.js';
import { addScreens } from './screens.js';
import { LATER_TEXTS_ZH } from '../texts/texts-later-zh.js';

export function addLater() {
  addTexts(LATER_TEXTS_ZH);
  addScreens({
    erase: eraseScreen, old: oldScreen, after: afterScreen, picture: () => receiptPicture, details: () => identifyingDetails,
  }, 'later');
  if (window.name === 'interview') document.querySelector('main').prepend(note(t('interview'), 'warn', { 'data-t': 'interview' }));
}
