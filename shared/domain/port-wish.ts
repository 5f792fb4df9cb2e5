import type { Range } from 'semver';
import type { Cause } from '../contracts/cause.js';
import type { SubscriptionInput } from '../contracts/subscription.js';
import type { CompiledInput, CompiledPort, CompiledSubscription } from './compiled-registry.js';
import { remember } from './remember.js';

/**
 * A wish for a port's signals. All that gates and verdict read of it is here, not in what it was compiled from: of
 * 100,000 subscriptions none is in a cache when its signal comes, so each object on the way costs a wait for memory.
 */
export interface PortWish {
  /** The subscription's. */
  readonly key: string;
  readonly consumer: string;
  readonly stage: string;
  readonly start: Start;
  readonly causes: Cause[] | undefined;
  /** Whether the subscription has this input only. */
  readonly alone: boolean;
  readonly regulated: boolean;
  /** The input's. */
  readonly versions: string;
  readonly versionsInRange: readonly string[];
  /** Becomes a fact of each verdict as it is; nobody may write to it. */
  readonly acceptedSchemaHashes: string[];
  /** Whether the accepted hashes are named, not those of the contracts in the range. */
  readonly namesHashes: boolean;
  readonly minimum: SubscriptionInput['minimumQuality'];
  readonly maxAgeMinutes: number | undefined;
  readonly producers: string[] | undefined;
  /** Undefined when the registry does not have it. */
  readonly port: CompiledPort | undefined;
  readonly range: Range;
  readonly input: CompiledInput;
  readonly subscription: CompiledSubscription;
}

/** When a subscription starts, as it was written and in epoch milliseconds. */
interface Start {
  readonly activeFrom: string;
  readonly ms: number;
}

export function toWish(
  subscription: CompiledSubscription,
  input: CompiledInput,
  port: CompiledPort | undefined,
): PortWish {
  const { entry, regulated } = subscription;
  const { range, versionsInRange, acceptedSchemaHashes } = input;
  const { versions, schemaHashes, freshness, producers, minimumQuality } = input.input;
  return {
    key: entry.key,
    consumer: entry.consumer,
    stage: entry.stage,
    start: toStart(entry.activeFrom),
    causes: entry.causes,
    alone: entry.inputs === undefined,
    regulated,
    versions,
    versionsInRange,
    acceptedSchemaHashes,
    namesHashes: schemaHashes !== undefined,
    minimum: toMinimum(JSON.stringify(minimumQuality)),
    maxAgeMinutes: freshness?.maxAgeMinutes,
    producers,
    port,
    range,
    input,
    subscription,
  };
}

/** Thousands of subscriptions ask for the same quality: it is one object, made of the JSON it was written to. */
const toMinimum = remember(1_000, (json: string) => JSON.parse(json) as SubscriptionInput['minimumQuality']);

/** Thousands of subscriptions start at the same few times. */
const toStart = remember(1_000, (activeFrom: string): Start => ({ activeFrom, ms: Date.parse(activeFrom) }));
