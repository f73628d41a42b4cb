// Fetched by respond-page.js, and goes on in its place: see phone/screens/screens.js.
import { addBallot } from './phone/screens/ballot-screens.js';

addBallot();
