import type { Outcome } from '../../../shared/contracts/api/operator-problem.js';
import type { EventLoop } from './event-loop.js';
import type { Faults } from './faults.js';
import type { Caller } from './network.js';
import { Program } from './program.js';
import type { Random } from './random.js';

export interface ErrandDeps {
  readonly loop: EventLoop;
  readonly faults: Faults;
  readonly random: Random;
  readonly nextInvocation: () => number;
}

/** One thing an operator wants done. */
export interface Errand {
  /** The operator. */
  readonly id: string;
  readonly ask: (caller: Caller) => Promise<Outcome<unknown>>;
  /** `again` asks once more, a little later. */
  readonly answered: (code: string, again: () => void) => void;
}

const tryAgainMs = 5_000;

/** Run a program until it gets an answer: after a fault and after its death the operator starts it again. */
export function runErrand(errand: Errand, deps: ErrandDeps): void {
  const { loop, faults, random, nextInvocation } = deps;
  const again = (ms = tryAgainMs): void => loop.after(ms, () => runErrand(errand, deps));
  const process = new Program(errand.id, () => again(random.int(1_000, 30_000)));
  const caller: Caller = { useCase: 'operate', invocation: nextInvocation(), startedAtMs: loop.nowMs, process };
  if (faults.strikes('operator-killed')) loop.after(random.int(1, 150), () => process.kill());
  errand.ask(caller).then(
    (outcome) => {
      process.end();
      const code = outcome.ok ? 'ok' : outcome.problem.code;
      loop.note(`${errand.id}: ${code}`);
      errand.answered(code, again);
    },
    () => {
      process.end();
      again();
    },
  );
}
