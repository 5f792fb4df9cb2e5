import type { StageMessage } from '../contracts/stage-messages.js';
import type { Clock } from '../ports/clock.js';

export interface DetourTimes {
  /** How long messages of a stage take its queue after the stage failed or was slow, in milliseconds. */
  readonly forMs: number;
  /** What counts as slow, in milliseconds. */
  readonly slowMs: number;
}

/** What ships: a store that is throttled has its breath back by then, and a slow batch is far from any time limit. */
export const shippedDetourTimes: DetourTimes = { forMs: 10_000, slowMs: 15_000 };

/** Until when messages of each stage take its queue in this process, instead of being handled at once. */
export class Detours {
  private readonly untilMs = new Map<StageMessage['kind'], number>();

  constructor(
    private readonly clock: Clock,
    private readonly times: DetourTimes,
  ) {}

  /** A clock that was set back makes no detour longer than one that begins now. */
  isOpen(stage: StageMessage['kind']): boolean {
    const leftMs = (this.untilMs.get(stage) ?? 0) - this.clock.nowMs();
    return leftMs > 0 && leftMs <= this.times.forMs;
  }

  open(stage: StageMessage['kind']): void {
    this.untilMs.set(stage, this.clock.nowMs() + this.times.forMs);
  }

  /** Open one where what began at `startedMs` took too long. */
  openWhereSlow(stage: StageMessage['kind'], startedMs: number): void {
    if (this.clock.nowMs() - startedMs > this.times.slowMs) this.open(stage);
  }
}
