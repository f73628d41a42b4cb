// The ballot's screens: from collecting the credential to the receipt.
import { addTexts } from '../language.js';
import { collectingScreen } from './screen-collect.js';
import { factsScreen } from './screen-facts.js';
import { pickScreen } from './screen-pick.js';
import { rateScreen } from './screen-rate.js';
import { receiptScreen } from './screen-receipt.js';
import { reviewScreen } from './screen-review.js';
import { submitScreen } from './screen-submit.js';
import { addScreens } from './screens.js';
import { BALLOT_TEXTS_ZH } from '../texts/texts-ballot-zh.js';

/** Those that wait for an answer or tell it; in a round with a witness they come with what speaks to it. */
export const answered = { collecting: collectingScreen, submit: submitScreen, sending: submitScreen, receipt: receiptScreen };

export function addBallot() {
  addTexts(BALLOT_TEXTS_ZH);
  if (!document.getElementById('witness')) addScreens(answered);
  addScreens({ pick: pickScreen, rate: rateScreen, facts: factsScreen, review: reviewScreen }, 'ballot');
}
