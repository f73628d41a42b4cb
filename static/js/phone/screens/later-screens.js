// What nobody needs to begin: details in a comment, the receipt as a picture, what this phone keeps, a closed round.
import { identifyingDetails } from '../identifying.js';
import { addTexts } from '../language.js';
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
}
