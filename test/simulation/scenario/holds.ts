import type { RegistryDocument, SubscriptionEntry } from '../../../shared/contracts/registry.js';
import type { DispatchWindow } from '../../../shared/contracts/subscription.js';
import { Random } from '../model/random.js';
import { type PlannedEvent, takeBack } from './events.js';
import type { PlannedApply } from './scenario.js';

const daily = { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], timeZone: 'UTC', closedOn: [] } as const;
/** A run starts on Wednesday 2026-03-11 at 02:00 UTC; each of these opens within a day and a half. */
const windows: readonly DispatchWindow[] = [
  { ...daily, days: [...daily.days], closedOn: [], from: '01:30', to: '02:01' },
  { ...daily, days: [...daily.days], closedOn: [], from: '02:01', to: '04:00' },
  { ...daily, days: [...daily.days], closedOn: [], from: '23:30', to: '02:01' },
  { ...daily, days: ['wed', 'thu', 'fri'], closedOn: [], timeZone: 'Europe/Berlin', from: '03:00', to: '04:00' },
  { ...daily, days: [...daily.days], closedOn: ['2026-03-11'], from: '01:00', to: '08:00' },
  { ...daily, days: [...daily.days], closedOn: [], timeZone: 'America/New_York', from: '22:01', to: '00:30' },
  { ...daily, days: [...daily.days], closedOn: [], timeZone: 'Asia/Kathmandu', from: '07:46', to: '09:00' },
];

/** A run's registries and events, both changed from a stream of their own. */
interface Drawn {
  readonly seed: number;
  readonly registry: RegistryDocument | undefined;
  readonly applies: readonly PlannedApply[];
  readonly events: readonly PlannedEvent[];
}

/**
 * Let some subscriptions hold what they get: until a window opens, until it is quiet, until there is room. More of what
 * is announced is then taken back again, before or after it left. Most runs have none of it.
 */
export function addHolds(drawn: Drawn): Omit<Drawn, 'seed'> {
  const random = new Random(drawn.seed, 'holds');
  if (!random.chance(0.18)) return drawn;
  const change = (document: RegistryDocument): RegistryDocument => ({
    ...document,
    subscriptions: document.subscriptions.map((entry) => (random.chance(0.6) ? withHolds(entry, random) : entry)),
  });
  const registry = drawn.registry && change(drawn.registry);
  const applies = drawn.applies.map(({ atMs, document }) => ({ atMs, document: change(document) }));
  const more = drawn.events.flatMap((event) => follow(event, random));
  const taken = [...drawn.events, ...more].flatMap((event) => takeBackLater(event, random));
  return { registry, applies, events: [...drawn.events, ...more, ...taken] };
}

/** Newer snapshots of the same stream, so that there is something to bring together. */
function follow(event: PlannedEvent, random: Random): PlannedEvent[] {
  if (event.kind !== 'fact' || event.fact.snapshot?.quality === undefined || !random.chance(0.4)) return [];
  const { fact, atMs } = event;
  return Array.from({ length: random.int(1, 3) }, (_, number): PlannedEvent => {
    const snapshot = { ...event.fact.snapshot, watermark: `2026-03-11T01:${10 + random.int(0, 40)}:00Z` };
    const next = { ...fact, eventId: `${fact.eventId}-next-${number}`, snapshot };
    return { kind: 'fact', atMs: atMs + random.int(0, 20_000), fact: next, format: 'plain' };
  });
}

function takeBackLater(event: PlannedEvent, random: Random): PlannedEvent[] {
  if (event.kind !== 'fact' || event.fact.eventType !== 'OutputPortSnapshotSealed' || !random.chance(0.2)) return [];
  const fact = takeBack(event.fact, `${event.fact.eventId}-back`);
  return [{ kind: 'fact', atMs: event.atMs + random.int(1_000, 60_000), fact, format: 'plain' }];
}

function withHolds(entry: SubscriptionEntry, random: Random): SubscriptionEntry {
  const quietMinutes = random.int(1, 2);
  const longest = random.chance(0.5) ? { maxWaitMinutes: quietMinutes + random.int(0, 3) } : {};
  const quiet = random.chance(0.7) ? { quietMinutes, ...longest } : {};
  return {
    ...entry,
    ...(random.chance(0.3) && { windows: random.some(windows, 0.2).concat(random.pick(windows)) }),
    ...(random.chance(0.6) && { coalesce: { mode: 'latest' as const, ...quiet } }),
    ...(random.chance(0.3) && { throttle: { max: random.int(1, 3), perMinutes: random.int(1, 3) } }),
  };
}
