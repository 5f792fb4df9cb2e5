import { createFunctionsApp } from './functions-app.js';
import type { EventHub } from './event-hub.js';
import type { EventLoop } from './event-loop.js';
import type { Faults } from './faults.js';
import { Host } from './host.js';
import { HubListener } from './hub-listener.js';
import type { Network } from './network.js';
import { QueueListener } from './queue-listener.js';
import type { Random } from './random.js';
import type { Queue } from './service-bus.js';
import type { UseCase } from '../use-cases.js';
import type { ComposeOperators } from '../../../functions/compose.js';

export interface ClusterOptions {
  readonly useCases: readonly UseCase[];
  /** Makes what entry points get for the host's current invocation. */
  readonly composeFor: (host: Host) => ComposeOperators;
  readonly hub: EventHub;
  readonly queues: ReadonlyMap<string, Queue>;
  readonly maxBatch: number;
  readonly sweepEveryMs: number;
  readonly onCompleted: (queue: string, body: string) => void;
}

const balanceEveryMs = 5_000;

/** The instances of the functions host, and the platform that starts, feeds, replaces and stops them. */
export class Cluster {
  readonly hosts: Host[] = [];
  readonly hubListener: HubListener;
  private readonly queueListeners: QueueListener[] = [];
  private started = 0;
  private invocations = 0;
  /** Instances the platform keeps up. */
  wanted = 0;

  constructor(
    readonly deps: { loop: EventLoop; faults: Faults; network: Network; random: Random },
    private readonly options: ClusterOptions,
  ) {
    this.hubListener = new HubListener(deps, options);
  }

  start(hosts: number): void {
    this.wanted = hosts;
    for (let count = 0; count < hosts; count += 1) this.addHost();
    this.startSweeping();
  }

  get living(): Host[] {
    return this.hosts.filter((host) => host.alive);
  }

  get isIdle(): boolean {
    return this.living.every((host) => host.running === 0) && this.queueListeners.every((listener) => listener.isIdle);
  }

  readonly nextInvocation = (): number => ++this.invocations;

  addHost(): Host {
    const { loop, faults, random } = this.deps;
    const host = new Host(`host-${++this.started}`, loop, {
      nextInvocation: this.nextInvocation,
      onDeath: (dead) => {
        this.hubListener.forget(dead);
        this.replace();
      },
    });
    loop.note(`${host.id} starts`);
    if (faults.strikes('clock-skewed')) host.skewMs = random.pick([-1, 1]) * random.int(60_000, 24 * 3_600_000);
    const app = createFunctionsApp(host.functions);
    for (const useCase of this.options.useCases) useCase.register(app, this.options.composeFor(host));
    this.hosts.push(host);
    this.listenToQueues(host);
    this.balance(host);
    return host;
  }

  scaleOut(): void {
    this.wanted += 1;
    this.addHost();
  }

  /** Scale-in: no new work; when what runs is over, or after a while in any case, the host is gone. */
  drain(host: Host): void {
    const { loop, faults, random } = this.deps;
    this.wanted = Math.max(1, this.wanted - 1);
    host.draining = true;
    this.hubListener.leave(host);
    loop.note(`${host.id} drains`);
    const cutShort = faults.strikes('drain-cut-short');
    const untilMs = loop.nowMs + (cutShort ? random.int(1, 50) : 120_000);
    const look = (): void => {
      if (!host.alive) return;
      if (host.running === 0 || loop.nowMs >= untilMs) host.kill('drained');
      else loop.after(cutShort ? 5 : 1_000, look);
    };
    loop.after(1, look);
  }

  private replace(): void {
    const { loop, random } = this.deps;
    loop.after(random.int(500, 20_000), () => {
      while (this.hosts.filter((host) => host.alive && !host.draining).length < this.wanted) this.addHost();
    });
  }

  private listenToQueues(host: Host): void {
    for (const { name, binding } of host.functions.values()) {
      if (binding.kind !== 'queue' || this.queueListeners.some((listener) => listener.functionName === name)) continue;
      const queue = this.options.queues.get(binding.queue);
      if (queue === undefined) throw new Error(`function ${name} listens to ${binding.queue}, which does not exist`);
      this.queueListeners.push(new QueueListener(name, queue, this, this.options));
    }
    for (const listener of this.queueListeners) listener.pump();
  }

  private balance(host: Host): void {
    if (!host.alive || host.draining) return;
    this.hubListener.balance(host, this.living);
    this.deps.loop.every(balanceEveryMs, () => host.resume(() => this.balance(host)));
  }

  private startSweeping(): void {
    const { loop, faults, random } = this.deps;
    const tick = (): void => {
      loop.every(this.options.sweepEveryMs, tick);
      const free = this.living.filter((host) => host.takesWork);
      if (free.length === 0 || faults.strikes('sweep-skipped')) return;
      const runs = free.length > 1 && faults.strikes('sweep-overlapping') ? 2 : 1;
      const first = random.int(0, free.length - 1);
      for (let run = 0; run < runs; run += 1) this.runTimers(free[(first + run) % free.length]);
    };
    loop.after(random.int(1_000, this.options.sweepEveryMs), tick);
  }

  private runTimers(host: Host | undefined): void {
    if (host === undefined) return;
    for (const { name, binding } of host.functions.values()) {
      if (binding.kind !== 'timer') continue;
      host.invoke(name, { payload: {} }, (_, caller) => this.deps.network.dies(caller, 'at its end', 'killed-at-end'));
    }
  }
}
