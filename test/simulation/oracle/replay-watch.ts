import type { ReplayCounts, ReplayJob } from '../../../shared/contracts/replay-job.js';
import type { Signal } from '../../../shared/contracts/signal.js';
import type { RecordOutcome } from '../../../shared/ports/ledger.js';
import type { StoredReplay } from '../../../shared/ports/replay-store.js';
import type { SignalQueries } from '../../../shared/ports/signal-queries.js';
import type { Call } from '../model/network.js';
import type { History } from './history.js';

/** A replay as it was when it was started. */
export interface WatchedReplay {
  job: ReplayJob;
  /** Signals that were stored before it was started: it must look at each that it selects. */
  readonly signals: ReadonlySet<string>;
  /** Live triggers that were recorded before it was started. */
  readonly triggers: ReadonlySet<string>;
  readonly startedAtMs: number;
  /** A runner came back after its lease had run out; what it recorded meanwhile is counted by nobody. */
  overtaken: boolean;
}

type Counts = Pick<ReplayCounts, 'done' | 'fired' | 'firedBefore' | 'notMatched'>;
type Page = Parameters<SignalQueries['listByWatermark']>[1];

/** What one run of the timer did since it last wrote how far it got. */
interface Progress {
  readonly name: string;
  readonly from: Counts;
  /** The place it goes on behind; undefined at the start. */
  readonly position: string | undefined;
  /** How many signals or records it was told behind each place, the first of them first; parts are read ahead. */
  readonly told: Map<string, number>;
  readonly since: { fired: number; firedBefore: number; notMatched: number };
}

/** Watches replays: what they were told, what they say of it, and what was there before them. */
export class ReplayWatch {
  readonly replays = new Map<string, WatchedReplay>();
  private readonly stored = new Set<string>();
  private readonly triggers = new Set<string>();
  private readonly slices = new Map<string, number>();
  private readonly waiting: { readonly name: string; readonly slices: number; readonly act: () => void }[] = [];
  private readonly progress = new Map<number, Progress>();

  constructor(private readonly history: History) {}

  get areOver(): boolean {
    return [...this.replays.values()].every(({ job }) => job.state !== 'running');
  }

  isForced(name: string): boolean {
    return this.replays.get(name)?.job.force === true;
  }

  observe(call: Call, result: unknown): void {
    // The port's own types say what each call takes and answers.
    switch (call.name) {
      case 'signals.insert':
        return (call.args[0] as Signal[]).forEach(({ signalId }) => this.stored.add(signalId));
      case 'ledger.record':
      case 'ledger.join':
        return this.recorded(call, result as RecordOutcome[]);
      case 'signals.findByEventId':
        return this.read(call, '', (result as unknown[]).length);
      case 'quarantineDesk.list':
        return this.read(call, (call.args[1] as Page).after ?? '', (result as { items: unknown[] }).items.length);
      case 'signalQueries.listByWatermark': {
        const [{ port }, { after = '' }] = call.args as [{ port: string }, Page];
        return this.read(call, `${port}|${after}`, (result as { items: unknown[] }).items.length);
      }
      case 'replayStore.create':
        return this.created(call, result as StoredReplay | undefined);
      case 'replayStore.update':
        return this.written(call, result as StoredReplay | undefined);
      default:
        return;
    }
  }

  private created({ caller }: Call, stored: StoredReplay | undefined): void {
    if (stored === undefined) return;
    const { job } = stored;
    this.replays.set(job.name, {
      job,
      signals: new Set(this.stored),
      triggers: new Set(this.triggers),
      startedAtMs: caller.startedAtMs,
      overtaken: false,
    });
  }

  readonly whenRead = (name: string, slices: number, act: () => void): void => {
    this.waiting.push({ name, slices, act });
  };

  private read(call: Call, behind: string, signals: number): void {
    const progress = this.of(call);
    if (progress === undefined) return;
    progress.told.set(behind, signals);
    const { name } = progress;
    const slices = (this.slices.get(name) ?? 0) + 1;
    this.slices.set(name, slices);
    for (const each of this.waiting) if (each.name === name && each.slices === slices) each.act();
  }

  private recorded(call: Call, outcomes: readonly RecordOutcome[]): void {
    for (const { verdict } of outcomes) {
      if (verdict.replay === undefined && verdict.triggerId !== undefined) this.triggers.add(verdict.triggerId);
    }
    const progress = this.of(call);
    if (progress === undefined) return;
    // A retraction that is applied again is none of the replay's own verdicts, and is counted apart.
    for (const { verdict } of outcomes.filter((outcome) => outcome.verdict.replay !== undefined)) {
      if (verdict.outcome === 'matched' || verdict.outcome === 'held') progress.since.fired += 1;
      else if (verdict.outcome === 'same-vector' || verdict.outcome === 'absorbed') progress.since.firedBefore += 1;
      else progress.since.notMatched += 1;
    }
  }

  /** What arrives after its caller gave up is nothing the caller was told. */
  private of({ caller, stray }: Call): Progress | undefined {
    return caller.useCase === 'replay' && !stray ? this.progress.get(caller.invocation) : undefined;
  }

  private written(call: Call, stored: StoredReplay | undefined): void {
    const job = call.args[0] as ReplayJob;
    const known = this.replays.get(job.name);
    if (stored && known) {
      if (known.job.state === 'done') this.history.report('P1', `replay ${job.name} was done and went on`);
      known.job = job;
    }
    if (known && stored === undefined && call.caller.useCase === 'replay') known.overtaken = true;
    if (call.caller.useCase === 'replay' && !call.stray) this.checkCounts(call, job, stored !== undefined);
  }

  /** It says what it was told since it last said so, no more and no less. */
  private checkCounts({ caller }: Call, job: ReplayJob, isWritten: boolean): void {
    const { name, counts, position } = job;
    const progress = this.progress.get(caller.invocation);
    if (progress?.name === name) {
      const since = { ...progress.since, done: toTold(progress, job) };
      for (const each of ['done', 'fired', 'firedBefore', 'notMatched'] as const) {
        const [said, was] = [counts[each] - progress.from[each], since[each]];
        // Under another registry nothing may be left where it read ahead; that it looks at each signal is asked elsewhere.
        if (each === 'done' && said === 0 && job.state === 'done') continue;
        if (said !== was)
          this.history.report('P5', `replay ${name} counts ${said} more as ${each}, it was told ${was}`);
      }
    }
    if (progress?.name === name && !isWritten) return;
    this.progress.set(caller.invocation, {
      name,
      from: counts,
      position,
      told: progress?.name === name ? progress.told : new Map<string, number>(),
      since: { fired: 0, firedBefore: 0, notMatched: 0 },
    });
  }
}

/** What it was told of the part behind its place, once it is past that: until then, the part was read ahead. */
function toTold({ position, told }: Progress, job: ReplayJob): number {
  if (job.position === position && job.state !== 'done') return 0;
  const [first] = told.values();
  if (position === undefined) return first ?? 0;
  // Where the registry has lost the port meanwhile, it goes on with the next one.
  const [behind = position] = [...told.keys()].filter((place) => place >= position).sort();
  return told.get(behind) ?? 0;
}
