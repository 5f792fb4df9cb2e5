import type { Outcome } from '../../../shared/contracts/api/operator-problem.js';
import {
  cancelReplay,
  resumeReplay,
  type ReplayDeps,
  startReplay,
} from '../../../shared/pipeline/operators/replays.js';
import type { History } from '../oracle/history.js';
import type { PlannedReplay } from '../scenario/replays.js';
import { type ErrandDeps, runErrand } from './errand.js';
import type { Caller } from './network.js';

type Step = 'start' | 'cancel' | 'resume';

export interface ReplayOperatorDeps extends ErrandDeps {
  readonly depsFor: (caller: Caller) => ReplayDeps;
  readonly history: History;
  /** Do something when a runner of the replay has read so many slices. */
  readonly whenRead: (name: string, slices: number, act: () => void) => void;
}

const mostWaitMs = 600_000;

/** An operator who starts a replay, and may cancel it and let it go on; each step is repeated until it is answered. */
export class ReplayOperator {
  done = false;

  constructor(
    private readonly id: string,
    private readonly plan: PlannedReplay,
    private readonly deps: ReplayOperatorDeps,
  ) {}

  start(): void {
    this.perform('start');
  }

  private perform(step: Step): void {
    const ask = (caller: Caller): Promise<Outcome<unknown>> => this.ask(step, this.deps.depsFor(caller));
    const answered = (code: string, again: () => void): void => this.answered(step, code, again);
    runErrand({ id: this.id, ask, answered }, this.deps);
  }

  private ask(step: Step, deps: ReplayDeps): Promise<Outcome<unknown>> {
    const { name, selection, force, ratePerSecond } = this.plan;
    switch (step) {
      case 'start': {
        const request = { name, selection, ratePerSecond, reason: `because of ${name}`, dryRun: false };
        return startReplay(request, { actor: this.id, force }, deps);
      }
      case 'cancel':
        return cancelReplay(name, { actor: this.id }, deps);
      case 'resume':
        return resumeReplay(name, { actor: this.id }, deps);
      default:
        return step satisfies never;
    }
  }

  private answered(step: Step, code: string, again: () => void): void {
    const { faults, history } = this.deps;
    if (code === 'no-registry') return again();
    // The subscription or the port is in no registry any more, so there is nothing to replay.
    if (step === 'start' && code === 'not-found') return this.finish();
    if (code !== 'ok' && code !== 'conflict') return history.report('crash', `${this.id} ${step}: ${code}`);
    if (step === 'start' && code === 'ok') faults.count(this.plan.force ? 'replay-forced' : 'replay-started');
    if (step === 'start' && code !== 'ok') faults.count('replay-raced');
    if (step === 'cancel' && code === 'ok') faults.count('replay-cancelled');
    if (step === 'resume' && code === 'ok') faults.count('replay-resumed');
    this.goOn(step);
  }

  private goOn(step: Step): void {
    const { cancel, resumeAfterMs } = this.plan;
    const { loop } = this.deps;
    if (step === 'start' && cancel !== undefined) {
      if ('afterMs' in cancel) loop.after(cancel.afterMs, () => this.perform('cancel'));
      else this.cancelAtSlice(cancel.atSlice);
    } else if (step === 'cancel' && resumeAfterMs !== undefined) {
      loop.after(resumeAfterMs, () => this.perform('resume'));
    } else this.finish();
  }

  /** When it has fewer slices there is nothing to cancel. */
  private cancelAtSlice(slices: number): void {
    let waits = true;
    this.deps.whenRead(this.plan.name, slices, () => {
      if (waits) this.perform('cancel');
      waits = false;
    });
    this.deps.loop.after(mostWaitMs, () => {
      if (waits) this.finish();
      waits = false;
    });
  }

  private finish(): void {
    this.done = true;
  }
}
