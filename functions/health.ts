import type { HttpFunctionOptions, HttpResponseInit } from '@azure/functions';
import { SettingsError } from '../shared/config/settings.js';
import type { Compose } from './compose.js';

interface HttpApp {
  http(name: string, options: HttpFunctionOptions): void;
}

/** `GET /api/health`: 200 with the registry version in force, 503 when settings or storage are not usable. */
export function registerHealth(app: HttpApp, compose: Compose): void {
  app.http('health', { route: 'health', methods: ['GET'], authLevel: 'anonymous', handler: () => health(compose) });
}

async function health(compose: Compose): Promise<HttpResponseInit> {
  try {
    const registry = await (await compose()).registry.current();
    return { jsonBody: { status: 'ok', registryVersion: registry?.version ?? null } };
  } catch (error) {
    // Setting names are safe to show; anything else may name hosts and stays in the log.
    const detail = error instanceof SettingsError ? error.message : 'storage does not answer; see the log';
    return { status: 503, jsonBody: { status: 'unavailable', detail } };
  }
}
