// Optional enhancements of the reading station's pages; every page works without them.
import { followJob } from './desk/job.js';
import { pressByKey } from './station/keys.js';

followJob(document);
pressByKey(document);
