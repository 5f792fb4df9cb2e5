import type { RegistryDocument } from '../../contracts/registry.js';
import type { Signal } from '../../contracts/signal.js';
import type { DispatchMessage } from '../../contracts/stage-messages.js';
import type { OutgoingTrigger } from '../../contracts/outgoing-trigger.js';
import type { Trigger } from '../../contracts/trigger.js';
import { type CompiledRegistry, compileRegistry } from '../../domain/compiled-registry.js';
import { type BacktestReport, compareTriggers, type TimedTrigger } from '../../domain/registry/backtest-report.js';
import { toConsumers } from '../../domain/registry/plan.js';
import type { Ledger, LedgerEntry } from '../../ports/ledger.js';
import type { PortStates } from '../../ports/port-states.js';
import type { QuarantineStore } from '../../ports/quarantine-store.js';
import type { SignalQueries } from '../../ports/signal-queries.js';
import { dispatch } from '../dispatch.js';
import { evaluate } from '../evaluate.js';
import { noPauses } from '../pause-source.js';
import { sweep } from '../sweep.js';
import { readHistory } from './read-history.js';

export interface BacktestDeps {
  readonly signalQueries: Pick<SignalQueries, 'list'>;
  /** What really happened; only read. */
  readonly ledger: Pick<Ledger, 'listByConsumer'>;
  /** Empty stores that take the effects and are thrown away. */
  readonly twin: { readonly ledger: Ledger; readonly portStates: PortStates; readonly quarantine: QuarantineStore };
}

/** What is tried: a registry nobody has applied, over a span of one stage. */
export interface BacktestRequest {
  readonly proposed: RegistryDocument;
  readonly inForce: RegistryDocument | undefined;
  readonly stage: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Signals before the span that are decided too, so that half-complete sets and breakers stand as they did. */
const warmUpMs = 2 * 86_400_000;
/** How often held triggers are looked at, as the sweep does. */
const sweepEveryMs = 60_000;

/**
 * Decide stored signals again under a proposed registry, with the code that decides live, and compare the triggers
 * with those that left. Nothing real is written or sent. @throws RetryableError
 */
export async function backtest(request: BacktestRequest, deps: BacktestDeps): Promise<BacktestReport> {
  const { stage, fromMs, toMs } = request;
  const registry = compileRegistry('proposed', request.proposed);
  const world = openWorld(registry, stage, fromMs - warmUpMs, deps);
  let signals = 0;
  for await (const signal of readHistory({ stage, fromMs: fromMs - warmUpMs, beforeMs: toMs }, deps.signalQueries)) {
    await world.receive(signal);
    if (Date.parse(signal.receivedAt) >= fromMs) signals += 1;
  }
  await world.advanceTo(toMs);
  const then = await readTriggers(request, deps.ledger);
  const now = world.sent.filter(({ atMs }) => atMs >= fromMs);
  const reasons = await findReasons(then, now, { stage, registry, ledger: deps.twin.ledger });
  const span = { stage, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), signals };
  return { ...span, ...compareTriggers(then, now, ({ triggerId }) => reasons.get(triggerId) ?? '') };
}

/** The pipeline behind the signals, over stores of its own and with a clock that follows the signals. */
function openWorld(registry: CompiledRegistry, stage: string, startMs: number, { twin }: BacktestDeps) {
  let nowMs = startMs;
  const sent: TimedTrigger[] = [];
  const waiting: DispatchMessage[] = [];
  const clock = { nowMs: () => nowMs };
  const topic = {
    async send(triggers: readonly OutgoingTrigger[]) {
      const left = triggers.filter(({ kind }) => kind === 'trigger');
      const entries = await Promise.all(left.map(({ triggerId }) => twin.ledger.get(triggerId)));
      sent.push(...entries.flatMap((entry) => (entry ? [{ trigger: entry.trigger, atMs: nowMs }] : [])));
      return triggers.map(() => ({ kind: 'sent' as const }));
    },
  };
  const queues = {
    toDispatch: (messages: readonly DispatchMessage[]) => Promise.resolve(void waiting.push(...messages)),
  };
  const source = { current: () => Promise.resolve(registry) };
  const deps = { ...twin, queues, topic, registry: source, pauses: noPauses, clock, leaseMs: sweepEveryMs };
  const drain = async (): Promise<void> => void (await dispatch(waiting.splice(0), deps));

  async function advanceTo(atMs: number): Promise<void> {
    while (nowMs + sweepEveryMs <= atMs && (await twin.ledger.listHeldSubscriptions(stage)).length > 0) {
      nowMs += sweepEveryMs;
      await sweep({ ...deps, stages: [stage], afterMs: Number.MAX_SAFE_INTEGER, limitPerStage: 1 });
      await drain();
    }
    nowMs = Math.max(nowMs, atMs);
  }

  return {
    sent,
    advanceTo,
    async receive(signal: Signal): Promise<void> {
      await advanceTo(Date.parse(signal.receivedAt));
      await evaluate([{ kind: 'evaluate', signal }], deps);
      await drain();
    },
  };
}

/** Triggers that left in the span, of every consumer that either registry knows. */
async function readTriggers(
  { proposed, inForce, stage, fromMs, toMs }: BacktestRequest,
  ledger: Pick<Ledger, 'listByConsumer'>,
): Promise<TimedTrigger[]> {
  const consumers = new Set([...toConsumers(proposed), ...(inForce ? toConsumers(inForce) : [])]);
  const found: TimedTrigger[] = [];
  for (const consumer of consumers) {
    const entries = await readBackTo({ stage, consumer, fromMs }, ledger);
    found.push(...entries.flatMap(toTimed).filter(({ atMs }) => atMs >= fromMs && atMs < toMs));
  }
  return found;
}

/** A consumer's entries, newest first, until they are older than the span. */
async function readBackTo(
  { stage, consumer, fromMs }: { stage: string; consumer: string; fromMs: number },
  ledger: Pick<Ledger, 'listByConsumer'>,
): Promise<LedgerEntry[]> {
  for (let limit = 1_000; ; limit *= 4) {
    const entries = await ledger.listByConsumer({ stage, consumer, limit });
    const oldest = entries.at(-1)?.trigger.decidedAt;
    if (entries.length < limit || (oldest !== undefined && Date.parse(oldest) < fromMs)) return entries;
  }
}

/** Only what left, or is on its way, because of a signal: no replays, no revocations, nothing held or withdrawn. */
function toTimed({ trigger, state, sentAt, pendingSince }: LedgerEntry): TimedTrigger[] {
  const left = state === 'sent' || state === 'dispatching' || state === 'pending';
  if (!left || trigger.kind !== 'trigger' || trigger.cause !== 'live') return [];
  return [{ trigger, atMs: Date.parse(sentAt ?? pendingSince) }];
}

/** Why triggers that left would not: what the proposed registry says about the newest of their signals. */
async function findReasons(
  then: readonly TimedTrigger[],
  now: readonly TimedTrigger[],
  { stage, registry, ledger }: { stage: string; registry: CompiledRegistry; ledger: Ledger },
): Promise<ReadonlyMap<string, string>> {
  const kept = new Set(now.map(({ trigger }) => trigger.triggerId));
  const reasons = new Map<string, string>();
  for (const { trigger } of then.filter((each) => !kept.has(each.trigger.triggerId))) {
    reasons.set(trigger.triggerId, await findReason(trigger, { stage, registry, ledger }));
  }
  return reasons;
}

async function findReason(
  { subscription, triggerId, inputs }: Trigger,
  { stage, registry, ledger }: { stage: string; registry: CompiledRegistry; ledger: Ledger },
): Promise<string> {
  if (!registry.subscriptions.has(subscription)) return 'The subscription is gone.';
  const entry = await ledger.get(triggerId);
  if (entry?.state === 'absorbed') return `It would be absorbed into ${entry.absorbedInto ?? 'another'}.`;
  if (entry?.state === 'withdrawn') return 'It would be withdrawn, because its snapshot was retracted.';
  if (entry?.state === 'held') return entry.trigger.heldFor?.[0]?.reason ?? 'It would still be held.';
  for (const { signalId } of [...inputs].reverse()) {
    const verdicts = await ledger.listVerdicts({ stages: [stage], signalId });
    const own = verdicts.find((verdict) => verdict.subscription === subscription);
    const failed = own?.gates.find(({ answer }) => answer !== 'pass');
    if (failed) return failed.reason;
    if (own) return `Its last signal would end as "${own.outcome}".`;
  }
  return 'Its signals no longer reach the subscription.';
}
