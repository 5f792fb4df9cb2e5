import type { SubscriptionEntry } from '../../contracts/registry.js';
import { toContentHash } from '../identity.js';
import type { RegistryView } from './registry-view.js';
import { toInputs } from './subscription-inputs.js';

/** A subscription that a plan touches. */
export interface TouchedSubscription {
  readonly subscription: string;
  readonly consumer: string;
  readonly stage: string;
  readonly ports: readonly string[];
}

/** A port that subscriptions wait for, or lose. */
export interface TouchedPort {
  readonly port: string;
  readonly subscriptions: readonly string[];
}

/** A contract version whose schema hash changes under the same version: readers and producers would disagree. */
export interface RewrittenContract {
  readonly port: string;
  readonly version: string;
  readonly from: string;
  readonly to: string;
}

/** What a plan would do once it is in force. */
export interface PlanEffects {
  /** Subscriptions whose triggers could start. */
  readonly starts: readonly TouchedSubscription[];
  /** Subscriptions whose triggers would stop. */
  readonly stops: readonly TouchedSubscription[];
  /** Subscriptions that go on with other rules. */
  readonly rules: readonly TouchedSubscription[];
  /** Ports that were asked for and are declared now. */
  readonly resolved: readonly TouchedPort[];
  /** Ports that are asked for and not declared. */
  readonly unresolved: readonly TouchedPort[];
  readonly rewritten: readonly RewrittenContract[];
}

type Compared = Pick<RegistryView, 'ports' | 'subscriptions'>;

/** Compare what two registries would make happen. */
export function toPlanEffects(before: Compared | undefined, after: Compared): PlanEffects {
  const old = toSide(before ?? { ports: [], subscriptions: [] });
  const now = toSide(after);
  const touched = (list: Iterable<SubscriptionEntry>): TouchedSubscription[] => [...list].map(toTouched);
  const isKept = ({ key }: SubscriptionEntry): boolean => old.live.has(key) && now.live.has(key);
  return {
    starts: touched([...now.live.values()].filter(({ key }) => !old.live.has(key))),
    stops: touched([...old.live.values()].filter(({ key }) => !now.live.has(key))),
    rules: touched(
      [...now.live.values()].filter(
        (entry) => isKept(entry) && toContentHash(old.live.get(entry.key)) !== toContentHash(entry),
      ),
    ),
    resolved: [...now.asked].filter(([port]) => now.ports.has(port) && isWaitedFor(port, old)).map(toTouchedPort),
    unresolved: [...now.asked].filter(([port]) => !now.ports.has(port)).map(toTouchedPort),
    rewritten: toRewritten(old, now),
  };
}

interface Side {
  readonly ports: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Subscriptions that at least one declared port can fire. */
  readonly live: ReadonlyMap<string, SubscriptionEntry>;
  readonly asked: ReadonlyMap<string, readonly string[]>;
}

function toSide({ ports: declared, subscriptions }: Compared): Side {
  const ports = new Map(
    declared.map((port) => [port.key, new Map(port.contracts.map((each) => [each.version, each.schemaHash]))]),
  );
  const asked = new Map<string, string[]>();
  const live = new Map<string, SubscriptionEntry>();
  for (const subscription of subscriptions) {
    const wanted = toInputs(subscription).map(({ port }) => port);
    if (wanted.some((port) => ports.has(port))) live.set(subscription.key, subscription);
    for (const port of new Set(wanted)) {
      const others = asked.get(port);
      if (others) others.push(subscription.key);
      else asked.set(port, [subscription.key]);
    }
  }
  return { ports, live, asked };
}

function isWaitedFor(port: string, { ports, asked }: Side): boolean {
  return asked.has(port) && !ports.has(port);
}

function toTouched(entry: SubscriptionEntry): TouchedSubscription {
  const ports = toInputs(entry).map(({ port }) => port);
  return { subscription: entry.key, consumer: entry.consumer, stage: entry.stage, ports };
}

function toTouchedPort([port, subscriptions]: readonly [string, readonly string[]]): TouchedPort {
  return { port, subscriptions };
}

function toRewritten(old: Side, now: Side): RewrittenContract[] {
  return [...now.ports].flatMap(([port, contracts]) =>
    [...contracts].flatMap(([version, to]) => {
      const from = old.ports.get(port)?.get(version);
      return from === undefined || from === to ? [] : [{ port, version, from, to }];
    }),
  );
}
