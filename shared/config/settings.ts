import { z } from 'zod';
import { Stage } from '../contracts/keys.js';
import { type Connection, readConnection } from './connection.js';

const tableName = /^[A-Za-z][A-Za-z0-9]{0,40}$/;
const ms = (byDefault: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(byDefault);

/**
 * Every app setting Outport reads, with defaults and bounds; the keys of `local.settings.sample.json` are these.
 * Connections (`EVENTHUB`, `SERVICEBUS`, `OUTPORT_TABLES`) follow the platform's two forms: the name itself holds a
 * connection string, or `<name>__...` holds an endpoint for a managed identity.
 */
export const SettingsSchema = z.object({
  OUTPORT_HUB: z.string().min(1).default('readiness-events'),
  /** Outport's own: a second reader in the same group would take partitions from ingest. */
  OUTPORT_CONSUMER_GROUP: z.string().min(1).default('outport'),
  OUTPORT_QUEUE_NORMALIZE: z.string().min(1).default('normalize'),
  OUTPORT_QUEUE_EVALUATE: z.string().min(1).default('evaluate'),
  OUTPORT_QUEUE_DISPATCH: z.string().min(1).default('dispatch'),
  OUTPORT_TOPIC_TRIGGERS: z.string().min(1).default('triggers'),
  OUTPORT_SWEEP_SCHEDULE: z.string().min(1).default('*/30 * * * * *'),
  /** Comma-separated stages that exist here. */
  OUTPORT_STAGES: z
    .string()
    .default('dev,test,prod')
    .transform((list) => list.split(',').map((name) => name.trim()))
    .pipe(z.array(Stage).min(1)),
  OUTPORT_TABLE_PREFIX: z
    .string()
    .regex(tableName, 'must be letters and digits, starting with a letter')
    .default('outport'),
  /**
   * Physical partitions per stage; part of where rows live, so it never changes once rows exist. Fewer make fuller
   * transactions; a partition of Table Storage takes 2,000 rows a second, so a deployment has more (`infra/`).
   */
  OUTPORT_BUCKETS: z.coerce.number().int().min(1).max(256).default(2),
  OUTPORT_REGISTRY_REFRESH_MS: ms(2_000, 100, 600_000),
  OUTPORT_SWEEP_AFTER_MS: ms(60_000, 1_000, 3_600_000),
  OUTPORT_DISPATCH_LEASE_MS: ms(60_000, 1_000, 600_000),
  /**
   * How a stage hands messages to the next: `direct` has the next one handle them in the same invocation, and its queue
   * get what could not be handled; `queued` sends all of them through the queues.
   */
  OUTPORT_HAND_ON: z.enum(['direct', 'queued']).default('direct'),
  /** Requests of one caller of the API to one instance. */
  OUTPORT_API_REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).max(100_000).default(600),
  /** Management endpoint of the namespace when it is not the namespace's own host (the embedded stack). */
  SERVICEBUS_ADMIN_URL: z.url({ protocol: /^https?$/ }).optional(),
});

/** The names under which connections are configured. */
export const connectionNames = { eventHub: 'EVENTHUB', serviceBus: 'SERVICEBUS', tables: 'OUTPORT_TABLES' } as const;

/** How stages hand on to each other; see `OUTPORT_HAND_ON`. */
export type HandOn = z.infer<typeof SettingsSchema>['OUTPORT_HAND_ON'];

/** Settings, parsed and checked. */
export interface Settings {
  readonly eventHub: Connection;
  readonly serviceBus: Connection;
  readonly tables: Connection;
  readonly hub: string;
  readonly consumerGroup: string;
  readonly queues: { readonly normalize: string; readonly evaluate: string; readonly dispatch: string };
  readonly topic: string;
  readonly sweepSchedule: string;
  readonly stages: readonly string[];
  readonly tablePrefix: string;
  readonly buckets: number;
  readonly registryRefreshMs: number;
  readonly sweepAfterMs: number;
  readonly dispatchLeaseMs: number;
  readonly handOn: HandOn;
  readonly apiRequestsPerMinute: number;
  readonly serviceBusAdminUrl?: string;
}

/** Settings that cannot be used; `problems` names every one by variable. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  constructor(readonly problems: readonly string[]) {
    super(`These settings need attention:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/** Read all settings from an environment. @throws SettingsError with all problems at once */
export function parseSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const parsed = SettingsSchema.safeParse(env);
  const connections = {
    eventHub: readConnection(env, connectionNames.eventHub, 'fullyQualifiedNamespace'),
    serviceBus: readConnection(env, connectionNames.serviceBus, 'fullyQualifiedNamespace'),
    tables: readConnection(env, connectionNames.tables, 'tableServiceUri'),
  };
  const { eventHub, serviceBus, tables } = connections;
  if (!parsed.success || !eventHub.ok || !serviceBus.ok || !tables.ok) {
    const fromSchema = parsed.success
      ? []
      : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    const fromConnections = [eventHub, serviceBus, tables].flatMap((result) => (result.ok ? [] : [result.problem]));
    throw new SettingsError([...fromConnections, ...fromSchema]);
  }
  return { ...toSettings(parsed.data), eventHub: eventHub.value, serviceBus: serviceBus.value, tables: tables.value };
}

function toSettings(env: z.infer<typeof SettingsSchema>): Omit<Settings, keyof typeof connectionNames> {
  return {
    hub: env.OUTPORT_HUB,
    consumerGroup: env.OUTPORT_CONSUMER_GROUP,
    queues: {
      normalize: env.OUTPORT_QUEUE_NORMALIZE,
      evaluate: env.OUTPORT_QUEUE_EVALUATE,
      dispatch: env.OUTPORT_QUEUE_DISPATCH,
    },
    topic: env.OUTPORT_TOPIC_TRIGGERS,
    sweepSchedule: env.OUTPORT_SWEEP_SCHEDULE,
    stages: env.OUTPORT_STAGES,
    tablePrefix: env.OUTPORT_TABLE_PREFIX,
    buckets: env.OUTPORT_BUCKETS,
    registryRefreshMs: env.OUTPORT_REGISTRY_REFRESH_MS,
    sweepAfterMs: env.OUTPORT_SWEEP_AFTER_MS,
    dispatchLeaseMs: env.OUTPORT_DISPATCH_LEASE_MS,
    handOn: env.OUTPORT_HAND_ON,
    apiRequestsPerMinute: env.OUTPORT_API_REQUESTS_PER_MINUTE,
    ...(env.SERVICEBUS_ADMIN_URL !== undefined && { serviceBusAdminUrl: env.SERVICEBUS_ADMIN_URL }),
  };
}
