import { type PauseDeps, pause, resume } from '../../../shared/pipeline/operators/change-controls.js';
import type { History } from '../oracle/history.js';
import type { PlannedPause } from '../scenario/pauses.js';
import { type ErrandDeps, runErrand } from './errand.js';
import type { Caller } from './network.js';

export interface PausingOperatorDeps extends ErrandDeps {
  readonly depsFor: (caller: Caller) => PauseDeps;
  readonly history: History;
}

/** An operator who pauses something, and some time later lets it go on. */
export class PausingOperator {
  done = false;

  constructor(
    private readonly id: string,
    private readonly plan: PlannedPause,
    private readonly deps: PausingOperatorDeps,
  ) {}

  start(): void {
    const { target, forMs } = this.plan;
    const { depsFor, loop, faults, history } = this.deps;
    const reason = `because of ${this.id}`;
    const ask = (caller: Caller) => pause({ target, reason }, { actor: this.id }, depsFor(caller));
    const answered = (code: string): void => {
      if (code !== 'ok') return history.report('crash', `${this.id} pauses: ${code}`);
      faults.count(`paused-${target.kind}`);
      loop.after(forMs, () => this.resume());
    };
    runErrand({ id: this.id, ask, answered }, this.deps);
  }

  private resume(): void {
    const { depsFor, history } = this.deps;
    const { target } = this.plan;
    const ask = (caller: Caller) => resume({ target }, { actor: this.id }, depsFor(caller));
    const answered = (code: string): void => {
      // Not found: an earlier attempt did it, or somebody else.
      if (code !== 'ok' && code !== 'not-found') history.report('crash', `${this.id} resumes: ${code}`);
      this.done = true;
    };
    runErrand({ id: this.id, ask, answered }, this.deps);
  }
}
