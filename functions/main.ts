import { app } from '@azure/functions';
import { registerApi } from './api/register-api.js';
import { compose, readAuthMode } from './compose.js';
import { registerDispatch } from './dispatch.js';
import { registerEvaluate } from './evaluate.js';
import { registerHealth } from './health.js';
import { registerIngest } from './ingest.js';
import { registerNormalize } from './normalize.js';
import { registerReplay } from './replay.js';
import { registerSweep } from './sweep.js';

// Registration needs no settings; they are read, and all problems reported, with the first invocation.
registerIngest(app, compose);
registerNormalize(app, compose);
registerEvaluate(app, compose);
registerDispatch(app, compose);
registerSweep(app, compose);
registerReplay(app, compose);
registerHealth(app, compose);
registerApi(app, compose, readAuthMode());
