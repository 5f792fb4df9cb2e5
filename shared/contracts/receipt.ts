import { z } from 'zod';
import { ReceiptStatus } from './events/trigger-receipt.js';

/** What a consumer reported about a trigger. */
export const Receipt = z
  .object({
    triggerId: z.string(),
    eventId: z.string(),
    consumer: z.string(),
    status: ReceiptStatus,
    occurredAt: z.string(),
    receivedAt: z.string(),
    runId: z.string().optional(),
    message: z.string().optional(),
  })
  .meta({ id: 'Receipt' });
export type Receipt = z.infer<typeof Receipt>;
