import { randomUUID } from 'node:crypto';
import { InputError } from '../errors.js';

/** What the flags of `outport emit` say about one sealed snapshot. */
export interface SealedFlags {
  readonly port?: string;
  readonly version?: string;
  readonly stage?: string;
  readonly watermark?: string;
  readonly schemaHash?: string;
  readonly quality?: string;
  readonly ruleset?: string;
  readonly score?: number;
  readonly product?: string;
  readonly recordCount?: number;
  readonly revision?: number;
  readonly batchId?: string;
  readonly partition?: string;
  readonly eventId?: string;
  readonly correlationId?: string;
  readonly occurredAt?: string;
}

const required = {
  port: '--port',
  version: '--version',
  stage: '--stage',
  watermark: '--watermark',
  schemaHash: '--schema-hash',
} as const satisfies Partial<Record<keyof SealedFlags, string>>;

/**
 * An `OutputPortSnapshotSealed` from flags; what can be derived is: the product from the port's key, a fresh event id,
 * now as the time. Not yet validated. @throws InputError naming every flag that is missing
 */
export function toSealedEvent(flags: SealedFlags, nowMs: number): Record<string, unknown> {
  const missing = Object.entries(required).filter(([name]) => flags[name as keyof typeof required] === undefined);
  if (missing.length > 0) {
    const names = missing.map(([, flag]) => flag).join(', ');
    throw new InputError(`missing ${names}`, 'give these flags, or name a file with the event');
  }
  const product = flags.product ?? toOwner(flags.port ?? '');
  const identity = { watermark: flags.watermark, batchId: flags.batchId, partition: flags.partition };
  return withoutUndefined({
    eventType: 'OutputPortSnapshotSealed',
    eventId: flags.eventId ?? randomUUID(),
    occurredAt: flags.occurredAt ?? new Date(nowMs).toISOString(),
    correlationId: flags.correlationId,
    producer: { dataProduct: product, domain: product.split('.')[1] ?? '' },
    outputPort: { key: flags.port, version: flags.version, stage: flags.stage },
    snapshot: withoutUndefined({
      ...identity,
      revision: flags.revision,
      recordCount: flags.recordCount,
      schemaHash: flags.schemaHash,
      quality: withoutUndefined({
        status: flags.quality ?? 'passed',
        ruleset: flags.ruleset ?? 'unnamed',
        score: flags.score,
      }),
    }),
  });
}

function toOwner(port: string): string {
  const [, domain = '', product = ''] = port.split('.');
  return `dp.${domain}.${product}`;
}

function withoutUndefined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}
