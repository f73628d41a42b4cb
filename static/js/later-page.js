// Fetched by respond-page.js when somebody asks for it, and goes on in its place: see phone/screens/screens.js.
import { addLater } from './phone/screens/later-screens.js';

addLater();
