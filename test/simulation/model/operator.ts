import type { RegistryDocument } from '../../../shared/contracts/registry.js';
import { applyRegistry } from '../../../shared/pipeline/apply-registry.js';
import type { ApplyDeps } from '../../../shared/pipeline/registry/publish-registry.js';
import type { History } from '../oracle/history.js';
import type { EventLoop } from './event-loop.js';
import type { Faults } from './faults.js';
import type { Caller } from './network.js';
import { Program } from './program.js';
import type { Random } from './random.js';

/** An operator who applies one registry and does not rest until it is in force, or was. */
export class Operator {
  done = false;

  constructor(
    private readonly name: string,
    private readonly document: RegistryDocument,
    private readonly deps: {
      loop: EventLoop;
      faults: Faults;
      random: Random;
      nextInvocation: () => number;
      depsFor: (caller: Caller) => ApplyDeps;
      history: History;
    },
  ) {}

  start(): void {
    const { loop, faults, random, nextInvocation, depsFor, history } = this.deps;
    const process = new Program(this.name, () => loop.after(random.int(1_000, 30_000), () => this.start()));
    const caller: Caller = { useCase: 'apply', invocation: nextInvocation(), startedAtMs: loop.nowMs, process };
    const restart = (): void => {
      if (process.alive) loop.after(5_000, () => this.start());
    };
    if (faults.strikes('operator-killed')) loop.after(random.int(1, 150), () => process.kill());
    applyRegistry(this.document, { actor: this.name, mayLoseMessages: true }, depsFor(caller)).then((outcome) => {
      loop.note(`${this.name} ${outcome.kind}`);
      if (outcome.kind === 'refused' || outcome.kind === 'confirmation-needed')
        history.report('crash', `a registry is refused: ${JSON.stringify(outcome)}`);
      else if (outcome.kind === 'overtaken') restart();
      else this.finish(outcome.version);
    }, restart);
  }

  private finish(version: string): void {
    const { history } = this.deps;
    this.done = true;
    if (history.document(version) === undefined)
      history.report('P3', `${this.name} was told ${version} is in force; it never was`);
  }
}
