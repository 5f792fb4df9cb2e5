import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { toMs } from './time-span.js';

const fromText = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
};
const int = (min: number, max = Number.MAX_SAFE_INTEGER) => z.preprocess(fromText, z.number().int().min(min).max(max));
const flag = z.preprocess(fromText, z.boolean());

const timeSpan = z.string().transform((text, ctx) => {
  const ms = toMs(text);
  if (ms !== undefined) return ms;
  ctx.addIssue({ code: 'custom', message: `"${text}" is no time span; write hh:mm:ss` });
  return z.NEVER;
});
const span = (text: string) => timeSpan.prefault(text);
const timeout = z.union([z.literal('-1').transform(() => Infinity), timeSpan]).prefault('00:30:00');
const transport = z.enum(['amqpTcp', 'amqpWebSockets']).default('amqpTcp');

const retryBase = {
  mode: z.enum(['exponential', 'Exponential', 'fixed', 'Fixed']).default('exponential'),
  tryTimeout: span('00:01:00'),
  delay: span('00:00:00.80'),
};

const eventHubs = z.object({
  maxEventBatchSize: int(1).default(100),
  minEventBatchSize: int(1).default(1),
  maxWaitTime: span('00:01:00'),
  batchCheckpointFrequency: int(1).default(1),
  prefetchCount: int(0).default(300),
  prefetchSizeInBytes: int(0).optional(),
  initialOffsetOptions: z
    .object({
      type: z
        .string()
        .transform((text) => text.toLowerCase())
        .pipe(z.enum(['fromstart', 'fromend', 'fromenqueuedtime']))
        .prefault('fromStart'),
      enqueuedTimeUtc: z.string().optional(),
    })
    .prefault({}),
  transportType: transport,
  partitionOwnershipExpirationInterval: span('00:01:00'),
  loadBalancingUpdateInterval: span('00:00:10'),
  targetUnprocessedEventThreshold: int(1).optional(),
  trackLastEnqueuedEventProperties: flag.default(false),
  customEndpointAddress: z.string().optional(),
  webProxy: z.string().optional(),
  enableCheckpointing: flag.default(true),
  clientRetryOptions: z
    .object({ ...retryBase, maximumDelay: span('00:01:00'), maximumRetries: int(0).default(3) })
    .prefault({}),
});

const serviceBus = z.object({
  prefetchCount: int(0).default(0),
  autoCompleteMessages: flag.default(true),
  maxAutoLockRenewalDuration: span('00:05:00'),
  maxConcurrentCalls: int(1).default(16 * availableParallelism()),
  maxConcurrentSessions: int(1).default(8),
  maxConcurrentCallsPerSession: int(1).default(1),
  maxMessageBatchSize: int(1).default(1000),
  minMessageBatchSize: int(1).default(1),
  maxBatchWaitTime: span('00:00:30'),
  sessionIdleTimeout: span('00:01:00'),
  enableCrossEntityTransactions: flag.default(false),
  transportType: transport,
  webProxy: z.string().optional(),
  clientRetryOptions: z
    .object({ ...retryBase, maxDelay: span('00:01:00'), maxRetries: int(0).default(3) })
    .prefault({}),
});

const http = z.object({
  routePrefix: z.string().default('api'),
  maxConcurrentRequests: int(-1).default(100),
  maxOutstandingRequests: int(-1).default(200),
  dynamicThrottlesEnabled: flag.default(false),
});

const level = z
  .string()
  .transform((text) => text.toLowerCase())
  .pipe(z.enum(['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none']));

/** host.json as the platform binds it: every known key, its default, durations in milliseconds. */
export const HostSchema = z.object({
  version: z.literal('2.0'),
  telemetryMode: z.string().optional(),
  functionTimeout: timeout,
  extensionBundle: z.object({ id: z.string(), version: z.string() }).optional(),
  logging: z
    .object({
      logLevel: z.record(z.string(), level).default({}),
      fileLoggingMode: z.string().optional(),
      applicationInsights: z.unknown().optional(),
      console: z.unknown().optional(),
    })
    .prefault({}),
  extensions: z
    .object({ eventHubs: eventHubs.prefault({}), serviceBus: serviceBus.prefault({}), http: http.prefault({}) })
    .prefault({}),
  concurrency: z
    .object({ dynamicConcurrencyEnabled: flag.default(false), snapshotPersistenceEnabled: flag.default(true) })
    .prefault({}),
  singleton: z.unknown().optional(),
  retry: z.unknown().optional(),
  healthMonitor: z.unknown().optional(),
  watchDirectories: z.array(z.string()).optional(),
  watchFiles: z.array(z.string()).optional(),
});

export type HostSettings = z.infer<typeof HostSchema>;
export type EventHubsSettings = HostSettings['extensions']['eventHubs'];
export type ServiceBusSettings = HostSettings['extensions']['serviceBus'];
export type LogLevel = z.infer<typeof level>;
