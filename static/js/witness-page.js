// Fetched by ballot-page.js in a round with a witness, and goes on in its place: see phone/screens/screens.js.
import { addWitness } from './phone/screens/witness-screens.js';

addWitness();
