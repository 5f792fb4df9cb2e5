import { z } from 'zod';
import { SchemaHash } from '../keys.js';
import { eventMembers, OutputPortRef, Producer, snapshotIdentityMembers } from './envelope.js';
import { Quality } from './quality.js';

/** The producer's own gate refused a snapshot: recorded and explained to consumers, never a trigger. */
export const OutputPortQualityFailed = z
  .looseObject({
    eventType: z.literal('OutputPortQualityFailed'),
    ...eventMembers,
    producer: Producer,
    outputPort: OutputPortRef,
    snapshot: z.looseObject({
      ...snapshotIdentityMembers,
      schemaHash: SchemaHash.optional(),
      quality: Quality.extend({ status: z.literal('failed') }),
    }),
  })
  .meta({
    id: 'OutputPortQualityFailed',
    title: 'A snapshot failed its quality rules',
    examples: [
      {
        eventType: 'OutputPortQualityFailed',
        eventId: 'customers-2026-03-10-quality',
        occurredAt: '2026-03-11T02:10:00Z',
        producer: { dataProduct: 'dp.crm.customers', domain: 'crm' },
        outputPort: { key: 'op.crm.customers.current', version: '1.4.0', stage: 'prod' },
        snapshot: {
          watermark: '2026-03-11T00:00:00Z',
          quality: { status: 'failed', ruleset: 'customers@2', score: 0.71, failedTests: ['unique-email'] },
        },
      },
    ],
  });
export type OutputPortQualityFailed = z.infer<typeof OutputPortQualityFailed>;
