import type { Outcome } from '../../../shared/contracts/api/operator-problem.js';
import {
  cancelReplay,
  resumeReplay,
  type ReplayDeps,
  startReplay,
} from '../../../shared/pipeline/operators/replays.js';
import type { History } from '../oracle/history.js';
import type { PlannedReplay } from '../scenario/replays.js';
import type { EventLoop } from './event-loop.js';
import type { Faults } from './faults.js';
import type { Caller } from './network.js';
import { Program } from './program.js';
import type { Random } from './random.js';

type Step = 'start' | 'cancel' | 'resume';

export interface ReplayOperatorDeps {
  readonly loop: EventLoop;
  readonly faults: Faults;
  readonly random: Random;
  readonly nextInvocation: () => number;
  readonly depsFor: (caller: Caller) => ReplayDeps;
  readonly history: History;
}

const tryAgainMs = 5_000;

/** An operator who starts a replay, and may cancel it and let it go on; each step is repeated until it is answered. */
export class ReplayOperator {
  done = false;

  constructor(
    private readonly id: string,
    readonly plan: PlannedReplay,
    private readonly deps: ReplayOperatorDeps,
  ) {}

  start(): void {
    this.perform('start');
  }

  private perform(step: Step): void {
    const { loop, faults, random, nextInvocation, depsFor } = this.deps;
    const again = (ms = tryAgainMs): void => loop.after(ms, () => this.perform(step));
    const process = new Program(this.id, () => again(random.int(1_000, 30_000)));
    const caller: Caller = { useCase: 'operate', invocation: nextInvocation(), startedAtMs: loop.nowMs, process };
    if (faults.strikes('operator-killed')) loop.after(random.int(1, 150), () => process.kill());
    this.ask(step, depsFor(caller)).then(
      (outcome) => {
        process.end();
        this.answered(step, outcome, again);
      },
      () => {
        process.end();
        again();
      },
    );
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

  private answered(step: Step, outcome: Outcome<unknown>, again: () => void): void {
    const { loop, faults } = this.deps;
    const code = outcome.ok ? 'ok' : outcome.problem.code;
    loop.note(`${this.id} ${step}: ${code}`);
    if (code === 'no-registry') return again();
    // The subscription or the port is in no registry any more, so there is nothing to replay.
    if (step === 'start' && code === 'not-found') return this.finish();
    if (code !== 'ok' && code !== 'conflict') return this.deps.history.report('crash', `${this.id} ${step}: ${code}`);
    if (step === 'start' && outcome.ok) faults.count(this.plan.force ? 'replay-forced' : 'replay-started');
    if (step === 'start' && !outcome.ok) faults.count('replay-raced');
    if (step === 'cancel' && outcome.ok) faults.count('replay-cancelled');
    if (step === 'resume' && outcome.ok) faults.count('replay-resumed');
    this.goOn(step);
  }

  private goOn(step: Step): void {
    const { cancelAfterMs, resumeAfterMs } = this.plan;
    const { loop } = this.deps;
    if (step === 'start' && cancelAfterMs !== undefined) loop.after(cancelAfterMs, () => this.perform('cancel'));
    else if (step === 'cancel' && resumeAfterMs !== undefined) loop.after(resumeAfterMs, () => this.perform('resume'));
    else this.finish();
  }

  private finish(): void {
    this.done = true;
  }
}
