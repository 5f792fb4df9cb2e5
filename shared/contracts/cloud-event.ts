import { z } from 'zod';
import { Identifier, Instant } from './keys.js';

/** The CloudEvents 1.0 context attributes Outport reads; extension attributes are kept. */
export const CloudEventAttributes = z.looseObject({
  specversion: z.literal('1.0'),
  id: Identifier,
  source: z.string().min(1).max(1_024),
  type: Identifier,
  time: Instant.optional(),
  subject: z.string().max(1_024).optional(),
  datacontenttype: z
    .string()
    .max(256)
    .regex(/^application\/([a-z0-9.+-]+\+)?json\b/i, 'must be a JSON media type')
    .optional(),
  traceparent: z.string().max(64).optional(),
});
export type CloudEventAttributes = z.infer<typeof CloudEventAttributes>;
