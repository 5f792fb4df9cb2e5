import { z } from 'zod';
import { DataProductKey, Identifier } from '../keys.js';
import { TriggerId } from '../trigger-id.js';
import { eventMembers } from './envelope.js';

/** How far a consumer got with a trigger, in order. */
export const ReceiptStatus = z.enum(['accepted', 'started', 'succeeded', 'failed']);
export type ReceiptStatus = z.infer<typeof ReceiptStatus>;

/** What a consumer reports back about one trigger. */
export const TriggerReceipt = z
  .looseObject({
    eventType: z.literal('TriggerReceipt'),
    ...eventMembers,
    triggerId: TriggerId,
    consumer: DataProductKey,
    status: ReceiptStatus,
    /** The consumer's own run, e.g. a pipeline run id. */
    runId: Identifier.optional(),
    message: z.string().max(2_000).optional(),
  })
  .meta({
    id: 'TriggerReceipt',
    title: 'A consumer reports on a trigger',
    examples: [
      {
        eventType: 'TriggerReceipt',
        eventId: 'revenue-run-118-succeeded',
        occurredAt: '2026-03-11T02:20:00Z',
        triggerId: 'prod.3f.k7q2m4x5b6n7p2r3s2t3v4w5x6',
        consumer: 'dp.finance.revenue',
        status: 'succeeded',
        runId: 'run-118',
      },
    ],
  });
export type TriggerReceipt = z.infer<typeof TriggerReceipt>;
