import { RetryableError } from '../../../shared/ports/errors.js';
import type { EventLoop } from './event-loop.js';
import { type Family, type Fate, type Faults, fatesOf } from './faults.js';
import { Random } from './random.js';

/** Who makes a call: one invocation of one use case on one process. */
export interface Caller {
  readonly useCase: string;
  readonly invocation: number;
  readonly startedAtMs: number;
  readonly process: CallingProcess;
}

/** A process as the network sees it: it may be gone, or stand still, when an answer comes. */
export interface CallingProcess {
  readonly id: string;
  readonly alive: boolean;
  /** Run now, or when the process moves again; never when it is gone. */
  resume(act: () => void): void;
  kill(why: string): void;
}

/** One call of a port on its way. */
export interface Call {
  readonly caller: Caller;
  /** `<port>.<method>` */
  readonly name: string;
  readonly args: readonly unknown[];
  /** Arrived although its caller had been told that it failed, or arrived a second time. */
  readonly stray: boolean;
}

/** Told of each call right after it took effect, before anything else happens. */
export type Observe = (call: Call, result: unknown) => Promise<void>;

type Apply = (args: readonly unknown[]) => Promise<unknown>;

const familyOf: Readonly<Record<string, Family>> = {
  signals: 'table',
  ledger: 'table',
  portStates: 'table',
  signalQueries: 'table',
  ledgerQueries: 'table',
  controlStore: 'table',
  replayStore: 'table',
  quarantine: 'quarantine',
  quarantineDesk: 'quarantine',
  registryStore: 'registry',
  channels: 'registry',
  auditLog: 'registry',
  queues: 'queue',
  publisher: 'queue',
  topic: 'topic',
};
const timeoutMs = 10_000;
/** Seldom calls come when all else has healed, so processes go on dying at them for a while. */
const mostSeldomKills = 5;

/**
 * Carries every port call as two steps, a request that arrives and an answer that arrives, and lets faults happen to
 * either. An error a caller sees is always the port's own `RetryableError`.
 */
export class Network {
  readonly crashPoints = new Map<string, number>();
  readonly calls = new Map<string, number>();
  readonly out = new Set<Family>();
  /** Requests that have not arrived yet. */
  underway = 0;
  /** A call made seldom at which processes die often, as `<use case> <call>`. */
  mortalCall: string | undefined;
  private readonly random: Random;

  constructor(
    private readonly loop: EventLoop,
    private readonly faults: Faults,
    private readonly observe: Observe,
    seed: number,
  ) {
    this.random = new Random(seed, 'network');
  }

  /** The port as one caller sees it, with the network in between. */
  connect<T extends object>(caller: Caller, name: string, port: T): T {
    return new Proxy(port, {
      get: (target, member): unknown => {
        const method: unknown = Reflect.get(target, member);
        if (typeof method !== 'function') return method;
        const apply: Apply = (args) => Reflect.apply(method, target, args) as Promise<unknown>; // ports are asynchronous
        return (...args: unknown[]) => this.call({ caller, name: `${name}.${String(member)}`, args }, apply);
      },
    });
  }

  /** Count a moment at which a process can die, and tell whether it does. */
  dies(caller: Caller, point: string, kind: 'killed-before-call' | 'killed-after-call' | 'killed-at-end'): boolean {
    if (!caller.process.alive) return false;
    const isMortal = this.mortalCall !== undefined && isOf(`${caller.useCase} ${point}`, this.mortalCall);
    const dies = isMortal && this.faults.strikesAtMost(mostSeldomKills, 'killed-at-seldom-call');
    if (!dies && !this.faults.strikes(kind)) return false;
    const name = `${caller.useCase} ${point}`;
    this.crashPoints.set(name, (this.crashPoints.get(name) ?? 0) + 1);
    caller.process.kill(`at ${name}`);
    return true;
  }

  private call(call: Omit<Call, 'stray'>, apply: Apply): Promise<unknown> {
    const { caller, name } = call;
    const key = `${caller.useCase} ${name}`;
    this.calls.set(key, (this.calls.get(key) ?? 0) + 1);
    return new Promise((resolve, reject) => {
      if (!caller.process.alive || this.dies(caller, `before ${name}`, 'killed-before-call')) return;
      this.carry(call, apply, { resolve, reject });
    });
  }

  private carry(
    call: Omit<Call, 'stray'>,
    apply: Apply,
    { resolve, reject }: { resolve: (result: unknown) => void; reject: (error: Error) => void },
  ): void {
    const family = familyOf[call.name.split('.')[0] ?? ''];
    if (family === undefined) throw new Error(`${call.name}: this port belongs to no family; name one in familyOf`);
    const fate = this.drawFate(family, call.args);
    const answer = (act: () => void, delayMs = this.latencyMs(fate)): void =>
      this.loop.after(delayMs, () => call.caller.process.resume(act));
    const fail = (text: string, delayMs?: number): void =>
      answer(() => reject(new RetryableError(`${call.name}: ${text}`)), delayMs);
    const send = (request: Call, after: (result: unknown) => void, delayMs: number): void => {
      this.underway += 1;
      this.loop.after(delayMs, () => void this.take(request, apply, after));
    };
    const arrive = (args: readonly unknown[], after: (result: unknown) => void, delayMs = this.latencyMs(fate)): void =>
      send({ ...call, args, stray: false }, after, delayMs);
    const stray = (delayMs: number): void => send({ ...call, stray: true }, () => undefined, delayMs);
    this.loop.note(`${call.caller.process.id}#${call.caller.invocation} ${call.name}${fate ? ` (${fate})` : ''}`);
    switch (fate) {
      case 'outage':
      case 'throttled':
        return fail(fate);
      case 'lost':
        return fail('timed out', timeoutMs);
      case 'ack-lost':
        arrive(call.args, () => undefined);
        return fail('timed out', timeoutMs);
      case 'late':
        stray(timeoutMs + this.random.int(1, 90_000));
        return fail('timed out', timeoutMs);
      case 'partial':
        return arrive([this.random.some(call.args[0] as unknown[], 0.5), ...call.args.slice(1)], () =>
          fail('broke off'),
        );
      case 'duplicated':
        stray(this.latencyMs(fate));
        return arrive(call.args, (result) => answer(() => resolve(result)), 3 * this.latencyMs(fate));
      case 'slow':
      case undefined:
        return arrive(call.args, (result) => answer(() => resolve(result)));
      default:
        return fate satisfies never;
    }
  }

  /** The request arrives: apply it, tell the observer, and let the process die before it learns of it. */
  private async take(call: Call, apply: Apply, after: (result: unknown) => void): Promise<void> {
    this.underway -= 1;
    const result = await apply(call.args);
    await this.observe(call, result);
    if (!call.stray) this.dies(call.caller, `after ${call.name}`, 'killed-after-call');
    after(result);
  }

  private drawFate(family: Family, args: readonly unknown[]): Fate | undefined {
    if (this.out.has(family)) {
      this.faults.count(`${family}-outage`);
      return 'outage';
    }
    const found = fatesOf[family].find(({ fate, kind }) => {
      if (fate === 'partial' && !(Array.isArray(args[0]) && args[0].length > 1)) return false;
      return this.faults.strikes(kind);
    });
    return found?.fate;
  }

  private latencyMs(fate: Fate | undefined): number {
    return fate === 'slow' ? this.random.int(1_000, 40_000) : this.random.int(1, 20);
  }
}

/** Whether a point is right before or after a call. */
function isOf(point: string, call: string): boolean {
  return point.replace(/ (?:before|after) /, ' ') === call;
}
