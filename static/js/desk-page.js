// Optional enhancements of the desk and the public pages; every page works without them.
import { offerCopies } from './desk/copy.js';
import { takeEnrolToken } from './desk/enrol.js';
import { enhanceGlance } from './desk/glance.js';
import { followJob } from './desk/job.js';
import { noteReading } from './desk/read.js';
import { lookUpReceipts } from './desk/receipts.js';
import { countMessages } from './desk/sms.js';
import { workByKeys } from './desk/triage.js';
import { guardUnsaved } from './desk/unsaved.js';

followJob(document);
lookUpReceipts(document);
takeEnrolToken(document);
enhanceGlance(document);
guardUnsaved(document);
offerCopies(document);
noteReading(document);
countMessages(document);
workByKeys(document);
