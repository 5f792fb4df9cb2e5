import type { FlowState } from '../../contracts/flow-state.js';
import { limits } from '../../contracts/limits.js';
import type { SubscriptionEntry } from '../../contracts/subscription.js';
import type { Hold, Trigger } from '../../contracts/trigger.js';
import { toWatermarkTimeMs } from '../watermark.js';
import { isOpen, toNextOpening } from './window.js';

/** What to do with a subscription's held triggers now. */
export interface ReleasePlan {
  /** The moment it was made; what is released is pending since then. */
  readonly at: string;
  readonly flow: FlowState;
  /** Leave the hold, with the body as given. */
  readonly release: readonly Trigger[];
  /** Stand behind another one from now on; `into` stays held until it is released. */
  readonly absorb: readonly { readonly trigger: Trigger; readonly into: string }[];
  /** Stay held with a changed body. */
  readonly keep: readonly Trigger[];
  /** Whether asking again at once would do more. */
  readonly more: boolean;
}

export interface ReleaseContext {
  readonly subscription: Pick<SubscriptionEntry, 'throttle' | 'coalesce' | 'windows'>;
  readonly holdsOf: (trigger: Trigger) => readonly Hold[];
  readonly nowMs: number;
  /** Most triggers one plan may change, so that it fits one transaction. */
  readonly most: number;
}

/**
 * Decide which held triggers of one subscription leave. Pure. The order is fixed: what is held by its port, contract,
 * entitlement or an operator stays; the window must be open; then triggers coalesce; then the throttle lets them out,
 * oldest first. Nothing is dropped: a trigger is released, kept, or named by the one that stands for it.
 */
export function planRelease(held: readonly Trigger[], flow: FlowState, context: ReleaseContext): ReleasePlan {
  const idle: ReleasePlan = { at: toIso(context.nowMs), flow, release: [], absorb: [], keep: [], more: false };
  const free = held.filter((trigger) => context.holdsOf(trigger).length === 0).sort(byDecision);
  const { subscription, nowMs } = context;
  if (free.length === 0 || !isOpen(subscription.windows, nowMs)) return idle;
  if (subscription.coalesce?.mode === 'latest') {
    const ready = free.filter(({ kind }) => kind === 'trigger');
    const coalesced = coalesce(ready, context);
    if (coalesced) return { ...idle, ...coalesced };
    const others = free.filter(({ kind }) => kind === 'revocation');
    return throttle([...others, ...(isQuiet(ready, context) ? ready : [])], flow, context);
  }
  return throttle(free, flow, context);
}

/** What a subscription itself holds a trigger for now, for people. */
export function findFlowHolds(
  held: readonly Trigger[],
  flow: FlowState,
  { subscription, nowMs }: Pick<ReleaseContext, 'subscription' | 'nowMs'>,
): Hold[] {
  const { windows, throttle: limit } = subscription;
  if (windows !== undefined && !isOpen(windows, nowMs)) {
    const opensMs = toNextOpening(windows, nowMs);
    const reason = 'The subscription takes triggers at certain times only.';
    return [{ code: 'outside-window', reason, ...(opensMs !== undefined && { until: toIso(opensMs) }) }];
  }
  const waiting = held.filter(({ kind }) => kind === 'trigger').sort(byDecision);
  if (subscription.coalesce?.mode === 'latest' && !isQuiet(waiting, { subscription, nowMs })) {
    return [{ code: 'coalescing', reason: 'The subscription waits for things to be quiet, then takes the latest.' }];
  }
  const recent = toRecent(flow, limit, nowMs);
  if (limit === undefined || recent.length < limit.max) return [];
  const until = toIso(Date.parse(recent[0] ?? toIso(nowMs)) + limit.perMinutes * 60_000);
  return [{ code: 'throttled', reason: `At most ${limit.max} triggers in ${limit.perMinutes} minutes.`, until }];
}

function throttle(
  free: readonly Trigger[],
  flow: FlowState,
  { subscription, nowMs, most }: ReleaseContext,
): ReleasePlan {
  const limit = subscription.throttle;
  const recent = toRecent(flow, limit, nowMs);
  const room = limit === undefined ? free.length : Math.max(0, limit.max - recent.length);
  const release = free.slice(0, Math.min(room, most));
  const released = limit === undefined ? [] : release.map(() => toIso(nowMs));
  const more = release.length < Math.min(room, free.length);
  const next = { releasedAt: [...recent, ...released] };
  return { at: toIso(nowMs), flow: next, release, absorb: [], keep: [], more };
}

/** Older triggers stand behind the newest one of their stream; undefined when there is nothing to bring together. */
function coalesce(
  free: readonly Trigger[],
  { most }: ReleaseContext,
): Pick<ReleasePlan, 'absorb' | 'keep' | 'more'> | undefined {
  const stream = findCrowdedStream(free);
  const newest = [...stream].sort(bySnapshot).at(-1);
  if (newest === undefined) return undefined;
  const room = limits.absorbedPerTrigger - (newest.absorbed?.length ?? 0);
  const others = stream.filter((trigger) => trigger !== newest);
  const taken: Trigger[] = [];
  let entries = 0;
  for (const trigger of others.slice(0, most - 1)) {
    entries += 1 + (trigger.absorbed?.length ?? 0);
    if (entries > room) break;
    taken.push(trigger);
  }
  if (taken.length === 0) return undefined;
  const absorbed = [...(newest.absorbed ?? []), ...taken.flatMap(toAbsorbed)];
  return {
    absorb: taken.map((trigger) => ({ trigger, into: newest.triggerId })),
    keep: [{ ...newest, absorbed }],
    more: true,
  };
}

/** The triggers of the first stream that has more than one. */
function findCrowdedStream(free: readonly Trigger[]): Trigger[] {
  const streams = new Map<string, Trigger[]>();
  for (const trigger of free) {
    const stream = toStream(trigger);
    streams.set(stream, [...(streams.get(stream) ?? []), trigger]);
  }
  return [...streams.values()].find((triggers) => triggers.length > 1) ?? [];
}

/** Triggers of different ports or partitions say different things; only within a stream does the latest say it all. */
function toStream({ inputs }: Trigger): string {
  return JSON.stringify(inputs.map(({ outputPort, snapshot }) => [outputPort.key, snapshot.partition ?? null]).sort());
}

function toAbsorbed(trigger: Trigger): NonNullable<Trigger['absorbed']> {
  const snapshots = trigger.inputs.map(({ outputPort, snapshot, eventId }) => ({
    port: outputPort.key,
    watermark: snapshot.watermark,
    eventId,
  }));
  const { triggerId, decidedAt } = trigger;
  return [...(trigger.absorbed ?? []), { triggerId, decidedAt, snapshots }];
}

/** Nothing new for the quiet time, or the first has waited long enough: waiting for quiet never starves. */
function isQuiet(
  waiting: readonly Trigger[],
  { subscription: { coalesce: rule }, nowMs }: Pick<ReleaseContext, 'subscription' | 'nowMs'>,
): boolean {
  const times = waiting.flatMap(({ decidedAt, absorbed = [] }) =>
    [decidedAt, ...absorbed.map((other) => other.decidedAt)].map((at) => Date.parse(at)),
  );
  if (rule?.quietMinutes === undefined || times.length === 0) return true;
  const maxWaitMinutes = rule.maxWaitMinutes ?? rule.quietMinutes * 10;
  const quiet = nowMs - Math.max(...times) >= rule.quietMinutes * 60_000;
  return quiet || nowMs - Math.min(...times) >= maxWaitMinutes * 60_000;
}

function toRecent({ releasedAt }: FlowState, limit: SubscriptionEntry['throttle'], nowMs: number): string[] {
  if (limit === undefined) return [];
  return releasedAt.filter((at) => Date.parse(at) > nowMs - limit.perMinutes * 60_000);
}

function byDecision(a: Trigger, b: Trigger): number {
  return Date.parse(a.decidedAt) - Date.parse(b.decidedAt) || (a.triggerId < b.triggerId ? -1 : 1);
}

function bySnapshot(a: Trigger, b: Trigger): number {
  return toNewestMs(a) - toNewestMs(b) || byDecision(a, b);
}

function toNewestMs({ inputs, decidedAt }: Trigger): number {
  return Math.max(...inputs.map(({ snapshot }) => toWatermarkTimeMs(snapshot.watermark) ?? Date.parse(decidedAt)));
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
