// Fetched by respond-page.js when somebody asks for it, and goes on in its place: see respond/screens.js.
import { addLater } from './respond/later-screens.js';

addLater();
