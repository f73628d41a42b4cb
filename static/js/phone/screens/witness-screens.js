// The screens that wait for an answer or tell it, in a round with a witness.
import { addTexts } from '../language.js';
import { machines } from '../machines.js';
import { bothMachines } from '../two-machines.js';
import { answered } from './ballot-screens.js';
import { addScreens } from './screens.js';
import { WITNESS_TEXTS_ZH } from '../texts/texts-witness-zh.js';

export function addWitness() {
  addTexts(WITNESS_TEXTS_ZH);
  Object.assign(machines, bothMachines);
  addScreens({ ...answered, receipt: (app) => answered.receipt(app, 'receipt.posted') }, 'witness');
}
