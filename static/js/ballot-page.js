// Fetched by respond-page.js, and goes on in its place: see respond/screens.js.
import { addBallot } from './respond/ballot-screens.js';

addBallot();
