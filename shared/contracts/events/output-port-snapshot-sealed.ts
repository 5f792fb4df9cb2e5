import { z } from 'zod';
import { SchemaHash } from '../keys.js';
import { eventMembers, OutputPortRef, Producer, snapshotIdentityMembers } from './envelope.js';
import { Quality } from './quality.js';

/** "This snapshot of this output port is sealed, this good, this contract": the fact that starts everything. */
export const OutputPortSnapshotSealed = z
  .looseObject({
    eventType: z.literal('OutputPortSnapshotSealed'),
    ...eventMembers,
    producer: Producer,
    outputPort: OutputPortRef,
    snapshot: z.looseObject({
      ...snapshotIdentityMembers,
      recordCount: z.int().min(0).optional(),
      schemaHash: SchemaHash,
      quality: Quality,
    }),
  })
  .meta({
    id: 'OutputPortSnapshotSealed',
    title: 'A snapshot of an output port is sealed',
    examples: [
      {
        eventType: 'OutputPortSnapshotSealed',
        eventId: 'orders-daily-2026-03-10',
        occurredAt: '2026-03-11T01:58:00Z',
        correlationId: 'run-4711',
        producer: { dataProduct: 'dp.sales.orders', domain: 'sales' },
        outputPort: { key: 'op.sales.orders.daily', version: '2.1.0', stage: 'prod' },
        snapshot: {
          watermark: '2026-03-11T00:00:00Z',
          recordCount: 18204,
          schemaHash: 'sha256:9f2c1a7be04d55e1',
          quality: { status: 'passed', ruleset: 'orders-daily@3', score: 0.998 },
        },
      },
    ],
  });
export type OutputPortSnapshotSealed = z.infer<typeof OutputPortSnapshotSealed>;
