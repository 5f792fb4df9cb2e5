import { z } from 'zod';
import type { BrokerOptions } from './broker.js';

const Port = z.int().min(0).max(65_535);
const Common = {
  name: z.string().min(1),
  status: z.enum(['Active', 'Disabled', 'SendDisabled', 'ReceiveDisabled']).optional(),
  autoDeleteOnIdleMs: z.int().min(1).optional(),
  defaultTtlMs: z.int().min(1).optional(),
  userMetadata: z.string().optional(),
};
const Waiting = {
  ...Common,
  lockDurationMs: z.int().min(1).optional(),
  maxDeliveryCount: z.int().min(1).optional(),
  requiresSession: z.boolean().optional(),
  deadLetteringOnMessageExpiration: z.boolean().optional(),
};
const Sending = { duplicateWindowMs: z.int().min(1).optional(), maxSizeInMegabytes: z.int().min(1).optional() };

/** What `--config` names: the file the broker process is started with. */
const BrokerConfig = z.object({
  host: z.string().default('127.0.0.1'),
  amqpPort: Port,
  adminPort: Port,
  dataDir: z.string().optional(),
  compactAboveBytes: z.int().min(1).optional(),
  entities: z.object({
    hubs: z
      .array(
        z.object({
          name: z.string(),
          partitionCount: z.int().min(1).max(32),
          consumerGroups: z.array(z.string()).optional(),
          retentionMs: z.int().min(1).optional(),
          maxPartitionBytes: z.int().min(1).optional(),
        }),
      )
      .optional(),
    queues: z.array(z.object({ ...Waiting, ...Sending })).optional(),
    topics: z
      .array(
        z.object({
          ...Common,
          ...Sending,
          subscriptions: z.array(z.object(Waiting)).optional(),
        }),
      )
      .optional(),
  }),
});

/** Read a config file's text; problems by path. */
export function parseBrokerConfig(
  text: string,
): { ok: true; value: BrokerOptions } | { ok: false; problems: string[] } {
  try {
    const parsed = BrokerConfig.safeParse(JSON.parse(text));
    // JSON has no undefined, so absent optional members are absent, as the options want them.
    if (parsed.success) return { ok: true, value: parsed.data as BrokerOptions };
    return { ok: false, problems: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) };
  } catch (error) {
    return { ok: false, problems: [`not JSON: ${error instanceof Error ? error.message : String(error)}`] };
  }
}
