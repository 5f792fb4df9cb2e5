import type { Origin } from '../contracts/origin.js';

/** One event as read from the hub, before anything is known about it. */
export interface HubEvent {
  readonly body: Uint8Array;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly origin: Origin;
}
