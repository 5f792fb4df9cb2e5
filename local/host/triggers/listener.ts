import type { HostLog } from '../log/host-log.js';
import type { HostSettings } from '../settings/host-schema.js';
import type { Environment } from '../settings/host-json.js';
import type { Invoker } from '../worker/invoker.js';
import type { FunctionDefinition } from './function-definition.js';

/** Feeds one function from its source. */
export interface Listener {
  /** Begin to listen. @throws Error when the source cannot be reached by configuration, not by weather */
  start(): Promise<void>;
  /** Take no new work, wait for what runs (the caller bounds that), release the source. Safe to call twice. */
  stop(): Promise<void>;
}

/** What every listener is built from. */
export interface ListenerContext {
  readonly definition: FunctionDefinition;
  readonly invoker: Invoker;
  readonly host: HostSettings;
  readonly settings: Environment;
  readonly log: HostLog;
  /** The app announced `IncludeEmptyEntriesInMessagePayload`. */
  readonly keepEmpty: boolean;
}
