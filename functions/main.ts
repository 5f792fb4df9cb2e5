import { app } from '@azure/functions';
import { compose } from './compose.js';
import { registerDispatch } from './dispatch.js';
import { registerEvaluate } from './evaluate.js';
import { registerHealth } from './health.js';
import { registerIngest } from './ingest.js';
import { registerNormalize } from './normalize.js';
import { registerSweep } from './sweep.js';

// Registration needs no settings; they are read, and all problems reported, with the first invocation.
registerIngest(app, compose);
registerNormalize(app, compose);
registerEvaluate(app, compose);
registerDispatch(app, compose);
registerSweep(app, compose);
registerHealth(app, compose);
