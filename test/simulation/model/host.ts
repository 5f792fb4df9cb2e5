import type { InvocationContext } from '@azure/functions';
import type { Clock } from '../../../shared/ports/clock.js';
import type { EventLoop } from './event-loop.js';
import type { Caller, CallingProcess } from './network.js';

/** How the platform starts one of our functions. */
export type Binding =
  | {
      readonly kind: 'hub';
      readonly retry: { maxRetryCount: number; minimumMs: number; maximumMs: number } | undefined;
    }
  | { readonly kind: 'queue'; readonly queue: string }
  | { readonly kind: 'timer' };

/** A function as its entry point registered it. */
export interface RegisteredFunction {
  readonly name: string;
  readonly binding: Binding;
  readonly handler: (payload: unknown, context: InvocationContext) => unknown;
}

export type Outcome = 'returned' | 'threw';

const mostSkewMs = 24 * 3_600_000;

/**
 * One instance of the functions host: it runs what it is given, can die between any two steps, and can stand still
 * without knowing it. What it holds in memory dies with it.
 */
export class Host implements CallingProcess, Clock {
  alive = true;
  /** Takes no new work. */
  draining = false;
  running = 0;
  skewMs = 0;
  readonly functions = new Map<string, RegisteredFunction>();
  /** The invocation whose handler is being entered; composition happens for it. */
  entering: Caller | undefined;
  private stalledUntilMs = 0;

  constructor(
    readonly id: string,
    private readonly loop: EventLoop,
    private readonly options: { nextInvocation: () => number; onDeath: (host: Host) => void },
  ) {}

  get takesWork(): boolean {
    return this.alive && !this.draining && this.stalledUntilMs <= this.loop.nowMs;
  }

  nowMs(): number {
    return this.loop.nowMs + this.skewMs;
  }

  /** A clock may be wrong by a day, as its start drew it or in steps; what is judged allows for no more. */
  stepClock(byMs: number): void {
    this.skewMs = Math.max(-mostSkewMs, Math.min(mostSkewMs, this.skewMs + byMs));
  }

  resume(act: () => void): void {
    if (!this.alive) return;
    if (this.stalledUntilMs > this.loop.nowMs) {
      this.loop.after(this.stalledUntilMs - this.loop.nowMs, () => this.resume(act));
      return;
    }
    act();
  }

  stall(ms: number): void {
    this.loop.note(`${this.id} stalls ${ms} ms`);
    this.stalledUntilMs = Math.max(this.stalledUntilMs, this.loop.nowMs + ms);
  }

  kill(why: string): void {
    if (!this.alive) return;
    this.loop.note(`${this.id} dies ${why}`);
    this.alive = false;
    this.options.onDeath(this);
  }

  /** A caller for work of this host that belongs to no invocation. */
  callerFor(useCase: string): Caller {
    return { useCase, invocation: this.options.nextInvocation(), startedAtMs: this.loop.nowMs, process: this };
  }

  /** Run a function; `settled` is called when it is over and the host still lives. */
  invoke(
    name: string,
    work: { payload: unknown; metadata?: object },
    settled: (outcome: Outcome, by: Caller) => void,
  ): void {
    const registered = this.functions.get(name);
    if (registered === undefined) throw new Error(`no function ${name}`);
    this.running += 1;
    const caller = this.callerFor(name);
    this.loop.note(`${this.id}#${caller.invocation} runs ${name}`);
    const over = (outcome: Outcome): void =>
      this.resume(() => {
        this.running -= 1;
        this.loop.note(`${this.id}#${caller.invocation} ${outcome}`);
        settled(outcome, caller);
      });
    this.entering = caller;
    const run = async (): Promise<unknown> => registered.handler(work.payload, toContext(work.metadata));
    const running = run();
    this.entering = undefined;
    running.then(
      () => over('returned'),
      () => over('threw'),
    );
  }
}

const ignore = (): void => undefined;

/** The few members of the platform's context that entry points use. */
function toContext(triggerMetadata: object | undefined): InvocationContext {
  const logs = { info: ignore, warn: ignore, error: ignore, debug: ignore, trace: ignore, log: ignore };
  return { ...logs, triggerMetadata } as unknown as InvocationContext; // the library's class cannot be made by hand
}
