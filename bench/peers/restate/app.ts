import { readAppSettings, sayReady } from '../server.js';
import { registerServices } from './register.js';
import { type Retention, serveServices, toEventObject } from './services.js';

/** The event object in a process of its own. */
const { adminUrl, ...retention } = readAppSettings<Retention & { adminUrl: string }>();
const { url } = await serveServices([toEventObject(retention)]);
await registerServices(adminUrl, url);
sayReady();
