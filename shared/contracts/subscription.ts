import { z } from 'zod';
import { Cause } from './cause.js';
import { QualityStatus } from './events/quality.js';
import { DataProductKey, Instant, OutputPortKey, SchemaHash, Stage, SubscriptionKey } from './keys.js';
import { limits } from './limits.js';

const minutes = (most: number) => z.int().min(1).max(most);
const yearMinutes = 527_040;

/** Lowest quality that may fire; `ruleset` asks for the name of the rules that were run. */
const MinimumQuality = z.object({
  status: QualityStatus.default('passed'),
  score: z.number().min(0).max(1).optional(),
  ruleset: z.string().min(1).max(limits.idLength).optional(),
});

/** What one input must satisfy. */
const requirements = {
  port: OutputPortKey,
  /** npm semver range of contract versions, e.g. `^2.1`. */
  versions: z.string().min(1).max(limits.rangeLength),
  minimumQuality: MinimumQuality.default({ status: 'passed' }),
  /** Accepted schema hashes; absent means those of the contract versions in range. */
  schemaHashes: z.array(SchemaHash).min(1).max(limits.arrayLength).optional(),
  /** Oldest watermark (at receipt) that may still fire; absent means any age. */
  freshness: z.object({ maxAgeMinutes: z.int().min(1) }).optional(),
  /** Whose seals count; absent means everybody's who may publish for the port. */
  producers: z.array(DataProductKey).min(1).max(limits.arrayLength).optional(),
};

export const periods = ['hour', 'day', 'week', 'month'] as const;
export const Period = z.enum(periods);
export type Period = z.infer<typeof Period>;

/** The input is there only when its snapshots, each covering one `grain`, cover the whole period without a gap. */
export const Coverage = z.object({
  grain: z.enum(['hour', 'day', 'week']),
  /** Which end of its interval a snapshot's watermark marks. */
  watermark: z.enum(['start', 'end']).default('start'),
});
export type Coverage = z.infer<typeof Coverage>;

/** One named input of a subscription that waits for several ports. */
export const SubscriptionInput = z.looseObject({
  ...requirements,
  /** An optional input never holds the set up; it is part of the trigger when it came in time. */
  optional: z.boolean().default(false),
  /** Periods this input may lie behind the others. */
  maxLagPeriods: z.int().min(1).max(31).optional(),
  covers: Coverage.optional(),
});
export type SubscriptionInput = z.infer<typeof SubscriptionInput>;

const InputName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be a short lower-case name such as orders');

/** Which inputs must be there: a name, or a nesting of `all`, `any` and `atLeast ... of`. */
export type Condition =
  | string
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly atLeast: number; readonly of: readonly Condition[] };

const conditions = z.lazy(() => z.array(Condition).min(1).max(64));
export const Condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    InputName,
    z.strictObject({ all: conditions }),
    z.strictObject({ any: conditions }),
    z.strictObject({ atLeast: z.int().min(1).max(64), of: conditions }),
  ]),
);

const TimeZone = z.string().min(1).max(64);

/** What makes snapshots of several inputs belong together. */
export const Alignment = z.object({
  /** `exact`: equal watermarks; a period: watermarks in the same one. */
  by: z.enum(['exact', ...periods]).default('exact'),
  /** IANA name of the zone whose calendar cuts the periods. */
  timeZone: TimeZone.default('UTC'),
  /** `same`: partitions must be equal too; `any`: partitions do not matter. */
  partition: z.enum(['same', 'any']).default('same'),
  /** How long after the end of its period (or its watermark) a set may still complete, at receipt. */
  validForMinutes: minutes(yearMinutes).optional(),
});
export type Alignment = z.infer<typeof Alignment>;

/** At most `max` triggers in any `perMinutes`; what comes above waits. */
export const Throttle = z.object({ max: z.int().min(1).max(1_000), perMinutes: minutes(44_640) });
export type Throttle = z.infer<typeof Throttle>;

/** `each`: one trigger per vector. `latest`: of the triggers that wait, the newest goes and names the others. */
export const Coalesce = z.object({
  mode: z.enum(['each', 'latest']),
  /** For `latest`: wait until nothing came for so long ... */
  quietMinutes: minutes(1_440).optional(),
  /** ... but not longer than this after the first. */
  maxWaitMinutes: minutes(10_080).optional(),
});
export type Coalesce = z.infer<typeof Coalesce>;

const Clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 06:00');
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** When triggers may leave: between `from` and `to` on these days, except on `closedOn` dates. */
export const DispatchWindow = z.object({
  days: z
    .array(z.enum(days))
    .min(1)
    .max(7)
    .default([...days]),
  from: Clock,
  /** Exclusive; not later than `from` means the window runs over midnight. */
  to: Clock,
  timeZone: TimeZone.default('UTC'),
  closedOn: z.array(z.iso.date()).max(366).default([]),
});
export type DispatchWindow = z.infer<typeof DispatchWindow>;

/** A consumer's standing wish: one port (`port`, `versions`, ...) or several (`inputs`, `when`, `align`). */
export const SubscriptionEntry = z
  .looseObject({
    kind: z.literal('Subscription'),
    key: SubscriptionKey,
    consumer: DataProductKey,
    stage: Stage,
    ...requirements,
    port: requirements.port.optional(),
    versions: requirements.versions.optional(),
    minimumQuality: MinimumQuality.optional(),
    inputs: z.record(InputName, SubscriptionInput).optional(),
    /** Absent means all inputs that are not optional. */
    when: Condition.optional(),
    align: Alignment.optional(),
    throttle: Throttle.optional(),
    coalesce: Coalesce.optional(),
    windows: z.array(DispatchWindow).min(1).max(32).optional(),
    /** Snapshots whose watermark lies before this do not fire, so a new consumer does not swallow history. */
    activeFrom: Instant,
    /** Causes of a seal that fire; absent means live only, so that a replay stops at the consumers it was meant for. */
    causes: z.array(Cause).min(1).max(3).optional(),
  })
  .superRefine((entry, context) => {
    const add = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (entry.inputs === undefined) {
      if (entry.port === undefined) add('port', 'is missing: name a port and its versions, or several under inputs');
      else if (entry.versions === undefined) add('versions', 'is missing: name a semver range such as ^2.1');
      for (const member of ['when', 'align'] as const) {
        if (entry[member] !== undefined) add(member, 'means something only together with inputs');
      }
      return;
    }
    for (const member of ['port', 'versions', 'minimumQuality', 'schemaHashes', 'freshness', 'producers'] as const) {
      if (entry[member] !== undefined) add(member, 'belongs to each input when there are inputs');
    }
  });
export type SubscriptionEntry = z.infer<typeof SubscriptionEntry>;
