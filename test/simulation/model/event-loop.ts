import { hashText, Random } from './random.js';

interface Step {
  readonly atMs: number;
  /** Seeded: decides between steps of the same millisecond. */
  readonly tie: number;
  readonly number: number;
  readonly act: () => void;
}

/** Steps after which a run is taken to be stuck in a circle. */
const maxSteps = 200_000;

/**
 * Virtual time and the one queue of everything that will happen. Nothing else moves time: between two steps the
 * microtasks of the code under test run until none is left.
 */
export class EventLoop {
  private readonly heap: Step[] = [];
  private readonly ties: Random;
  private steps = 0;
  private hash = 0x811c9dc5;
  private check = 0x1000193;
  /** Lines of the trace when they are kept; the hash covers them in any case. */
  readonly trace: string[] | undefined;

  constructor(
    seed: number,
    public nowMs: number,
    options: { keepTrace: boolean },
  ) {
    this.ties = new Random(seed, 'ties');
    this.trace = options.keepTrace ? [] : undefined;
  }

  after(delayMs: number, act: () => void): void {
    const number = this.steps + this.heap.length;
    this.push({ atMs: this.nowMs + Math.max(0, delayMs), tie: this.ties.next(), number, act });
  }

  /** Note what happened; two runs are the same when all their notes are. */
  note(text: string): void {
    const line = `${this.nowMs} ${text}`;
    this.hash = hashText(line, this.hash);
    this.check = Math.imul(this.check ^ this.hash, 0x01000193) >>> 0;
    this.trace?.push(line);
  }

  get traceHash(): string {
    return this.hash.toString(16).padStart(8, '0') + this.check.toString(16).padStart(8, '0');
  }

  /** From this time on what happens every so often happens less often: only waiting is left. */
  calmFromMs = Number.POSITIVE_INFINITY;

  /** Do something every so often. */
  every(ms: number, act: () => void): void {
    const calm = this.nowMs > this.calmFromMs ? 30 : 1;
    this.after(ms * calm, act);
  }

  /** Let time pass in one leap; what was due in between happens right after. */
  leap(ms: number): void {
    this.nowMs += ms;
  }

  /** Run steps until `done` or until virtual time reaches `deadlineMs`; `false` when the deadline came first. */
  async run(done: () => boolean, deadlineMs: number): Promise<boolean> {
    while (!done()) {
      const step = this.heap[0];
      if (step === undefined || step.atMs > deadlineMs) return false;
      this.pop();
      if (++this.steps > maxSteps) throw new Error(`no end after ${maxSteps} steps`);
      this.nowMs = Math.max(this.nowMs, step.atMs);
      step.act();
      await microtasksDone();
    }
    return true;
  }

  private push(step: Step): void {
    const { heap } = this;
    let index = heap.push(step) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(step, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = step;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let below = heap[child];
      if (below === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, below)) {
        child += 1;
        below = right;
      }
      if (!isBefore(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Step, b: Step): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs;
  return a.tie !== b.tie ? a.tie < b.tie : a.number < b.number;
}

/** Node runs the next tick only after the microtask queue is empty, so this waits for exactly that and no time. */
function microtasksDone(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
