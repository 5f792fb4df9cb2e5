import type { PlannedTrigger, ReplayPlan } from '../../contracts/api/operations.js';
import type { ReplayJob } from '../../contracts/replay-job.js';
import type { CompiledRegistry } from '../../domain/compiled-registry.js';
import type { DecideContext } from '../../domain/decide.js';
import type { Decision } from '../../domain/decision.js';
import { decideAgain, decideRepetition, markDecision, type ReplayMark } from '../../domain/decide-again.js';
import { toRetractedSnapshot } from '../../domain/retraction.js';
import { toSnapshots } from '../../domain/trigger.js';
import type { Signal } from '../../contracts/signal.js';
import type { Trigger } from '../../contracts/trigger.js';
import type { Ledger } from '../../ports/ledger.js';
import { foreseeAll, type ForeseeDeps, readContext } from './foresee.js';
import { foreseeRetraction, withoutRetracted } from './foresee-retraction.js';
import { readRetractions, toReplayedWishes } from './replay-retractions.js';
import { readSlice, type SelectionDeps, type Slice } from './replay-selection.js';

export interface PlanDeps extends SelectionDeps, ForeseeDeps {
  readonly ledger: Pick<Ledger, 'get' | 'listVerdicts'>;
  readonly stages: readonly string[];
}

/** Signals a plan looks at before it stops and says so. */
const planLimit = 5_000;
const sliceSize = 200;

/** What a replay is planned from. */
type PlannedJob = Pick<ReplayJob, 'name' | 'selection' | 'force' | 'reason'>;

/** Exactly what a replay would send, decided now; nothing is written. @throws RetryableError */
export async function planReplay(job: PlannedJob, registry: CompiledRegistry, deps: PlanDeps): Promise<ReplayPlan> {
  const plan = new Plan();
  for (let after: string | undefined; ;) {
    const page = { limit: sliceSize, ...(after !== undefined && { after }) };
    const slice = await readSlice(job.selection, page, { registry, deps });
    plan.resubmits.push(...slice.quarantineIds);
    plan.total += slice.signals.length + slice.quarantineIds.length;
    await planRetractions(plan, { slice, job, registry, deps });
    for (const signal of slice.signals) {
      for (const decision of await foreseeReplay(signal, job, { registry, deps })) await plan.add(decision, deps);
    }
    if (slice.after === undefined) return plan.toResult(false);
    if (plan.total >= planLimit) return plan.toResult(true);
    after = slice.after;
  }
}

/** The first look at a retraction counts; later slices meet it again. */
async function planRetractions(
  plan: Plan,
  { slice, job, registry, deps }: { slice: Slice; job: PlannedJob; registry: CompiledRegistry; deps: PlanDeps },
): Promise<void> {
  for (const signal of await readRetractions(slice, job.selection, deps)) {
    if (!plan.meets(signal)) continue;
    const wishes = toReplayedWishes(signal, registry, job);
    for (const { decision } of await foreseeRetraction(signal, wishes, { registry, deps })) {
      await plan.retract(signal, decision, deps);
    }
  }
}

/** A replay's decisions on one signal. A forced one repeats what its verdicts fired, also in sets. @throws RetryableError */
export async function foreseeReplay(
  signal: Signal,
  job: PlannedJob,
  { registry, deps }: { registry: CompiledRegistry; deps: Omit<PlanDeps, keyof SelectionDeps> },
): Promise<Decision[]> {
  const mark = toMark(job);
  const context = await readContext(signal, registry, deps);
  const decided = decideAgain(signal, context, mark);
  if (!job.force) return foreseeAll(decided, deps);
  const repeated = await repeatFired(signal, { mark, context }, deps);
  const fired = new Set(repeated.map(({ verdict }) => verdict.subscription));
  const others = decided.filter((one) => one.kind === 'alone' && !fired.has(one.decision.verdict.subscription));
  const repeatable = await Promise.all(repeated.map((decision) => withoutRetracted(decision, deps)));
  return [...repeatable, ...(await foreseeAll(others, deps))];
}

/** What a signal's live verdicts fired, to be fired again under ids of the replay's own; what holds it now, holds it. */
async function repeatFired(
  signal: Signal,
  { mark, context }: { mark: ReplayMark; context: DecideContext },
  { ledger }: Pick<PlanDeps, 'ledger'>,
): Promise<Decision[]> {
  // What fired has the signal's own stage, so its verdict is there.
  const verdicts = await ledger.listVerdicts({ stages: [signal.stage], signalId: signal.signalId });
  const live = verdicts.filter(({ replay, subscription }) => {
    return replay === undefined && (mark.subscription === undefined || subscription === mark.subscription);
  });
  const repeated = live.map(async (verdict): Promise<Decision[]> => {
    const entry = verdict.triggerId === undefined ? undefined : await ledger.get(verdict.triggerId);
    // What was taken back is not to be had again.
    if (entry === undefined || entry.trigger.kind !== 'trigger' || entry.state === 'withdrawn') return [];
    const again = decideRepetition(signal, { verdict, trigger: entry.trigger }, context);
    return again ? [markDecision(again, mark)] : [];
  });
  return (await Promise.all(repeated)).flat();
}

/** How decisions of a replay are marked. */
export function toMark({ name, reason, force, selection }: PlannedJob): ReplayMark {
  return { name, reason, force, ...(selection.kind === 'subscription' && { subscription: selection.subscription }) };
}

/** Adds a plan up; of two signals with one vector the first would send. */
class Plan {
  total = 0;
  readonly resubmits: string[] = [];
  readonly #revokes = new Map<string, PlannedTrigger>();
  readonly #retractions = new Set<string>();
  /** Snapshots taken back, by subscription: nothing is sent for them. */
  readonly #gone = new Set<string>();
  #retracted = 0;
  readonly #sends = new Map<string, PlannedTrigger>();
  #firedBefore = 0;
  #notMatched = 0;

  /** Whether a retraction is new to the plan. */
  meets({ stage, signalId }: Signal): boolean {
    const key = `${stage} ${signalId}`;
    if (this.#retractions.has(key)) return false;
    this.#retractions.add(key);
    return true;
  }

  async retract(signal: Signal, { verdict, trigger }: Decision, { ledger }: Pick<PlanDeps, 'ledger'>): Promise<void> {
    this.#retracted += 1;
    this.#gone.add(toGoneKey(verdict.subscription, toRetractedSnapshot(signal)));
    if (trigger && !(await ledger.get(trigger.triggerId))) this.#revokes.set(trigger.triggerId, toPlanned(trigger));
  }

  async add({ trigger }: Decision, { ledger }: Pick<PlanDeps, 'ledger'>): Promise<void> {
    if (trigger === undefined) this.#notMatched += 1;
    else if (this.#sends.has(trigger.triggerId) || (await ledger.get(trigger.triggerId))) this.#firedBefore += 1;
    else if (this.#isGone(trigger)) this.#notMatched += 1;
    else this.#sends.set(trigger.triggerId, toPlanned(trigger));
  }

  #isGone(trigger: Trigger): boolean {
    return toSnapshots(trigger).some((snapshot) => this.#gone.has(toGoneKey(trigger.subscription, snapshot)));
  }

  toResult(truncated: boolean): ReplayPlan {
    return {
      total: this.total,
      sends: [...this.#sends.values()],
      revokes: [...this.#revokes.values()],
      retracted: this.#retracted,
      firedBefore: this.#firedBefore,
      notMatched: this.#notMatched,
      resubmits: this.resubmits,
      truncated,
    };
  }
}

function toGoneKey(subscription: string, { name, revision }: { name: string; revision: number }): string {
  return JSON.stringify([subscription, name, revision]);
}

function toPlanned({
  triggerId,
  subscription,
  consumer,
  stage,
  inputs,
}: NonNullable<Decision['trigger']>): PlannedTrigger {
  const [input] = inputs;
  return {
    triggerId,
    subscription,
    consumer,
    stage,
    eventId: input?.eventId ?? '',
    port: input?.outputPort.key ?? '',
    ...(input && { watermark: input.snapshot.watermark }),
  };
}
