import { z } from 'zod';
import { eventMembers, OutputPortRef, Producer, snapshotIdentityMembers } from './envelope.js';

/** A sealed snapshot is withdrawn by its producer. */
export const OutputPortSnapshotRetracted = z
  .looseObject({
    eventType: z.literal('OutputPortSnapshotRetracted'),
    ...eventMembers,
    producer: Producer,
    outputPort: OutputPortRef,
    snapshot: z.looseObject({ ...snapshotIdentityMembers }),
    reason: z.string().min(1).max(1_000),
  })
  .meta({
    id: 'OutputPortSnapshotRetracted',
    title: 'A sealed snapshot is withdrawn',
    examples: [
      {
        eventType: 'OutputPortSnapshotRetracted',
        eventId: 'orders-daily-2026-03-10-retracted',
        occurredAt: '2026-03-11T08:30:00Z',
        producer: { dataProduct: 'dp.sales.orders', domain: 'sales' },
        outputPort: { key: 'op.sales.orders.daily', version: '2.1.0', stage: 'prod' },
        snapshot: { watermark: '2026-03-11T00:00:00Z' },
        reason: 'double-counted returns',
      },
    ],
  });
export type OutputPortSnapshotRetracted = z.infer<typeof OutputPortSnapshotRetracted>;
