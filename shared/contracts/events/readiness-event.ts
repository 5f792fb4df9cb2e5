import { z } from 'zod';
import { type AsIs, toAsIs } from '../as-is.js';
import { OutputPortContractBreaking } from './output-port-contract-breaking.js';
import { OutputPortQualityFailed } from './output-port-quality-failed.js';
import { OutputPortSnapshotRetracted } from './output-port-snapshot-retracted.js';
import { OutputPortSnapshotSealed } from './output-port-snapshot-sealed.js';
import { TriggerReceipt } from './trigger-receipt.js';

/** A fact about an output port. Members that the schema does not name are kept. */
export const PortEvent = z.discriminatedUnion('eventType', [
  OutputPortSnapshotSealed,
  OutputPortQualityFailed,
  OutputPortContractBreaking,
  OutputPortSnapshotRetracted,
]);
export type PortEvent = z.infer<typeof PortEvent>;

/** Everything that may be published to the hub. */
export const ReadinessEvent = z.discriminatedUnion('eventType', [...PortEvent.options, TriggerReceipt]);
export type ReadinessEvent = z.infer<typeof ReadinessEvent>;

/** The kinds of event, by the name used in `eventType`. */
export const readinessEventSchemas = {
  OutputPortSnapshotSealed,
  OutputPortQualityFailed,
  OutputPortContractBreaking,
  OutputPortSnapshotRetracted,
  TriggerReceipt,
} as const;
export type ReadinessEventType = keyof typeof readinessEventSchemas;

const asIs = new Map<unknown, AsIs>(
  Object.entries(readinessEventSchemas).map(([eventType, schema]) => [eventType, toAsIs(schema)]),
);

/** Whether a value is a readiness event that `ReadinessEvent` would return as it is; most are written so. */
export function isEventAsIs(value: unknown): value is ReadinessEvent {
  if (typeof value !== 'object' || value === null || !('eventType' in value)) return false;
  return asIs.get(value.eventType)?.(value) === true;
}

/** JSON Schema (draft 2020-12) of one kind of event, derived from the zod schema. */
export function toReadinessEventJsonSchema(eventType: ReadinessEventType): Record<string, unknown> {
  return z.toJSONSchema(readinessEventSchemas[eventType], { io: 'input' });
}
