import type { ComposeOperators, OperatorComposition } from '../../functions/compose.js';
import { createMemoryAuditLog } from '../../shared/adapters/memory/audit-log.js';
import { createMemoryLedger, MemoryLedgerRows } from '../../shared/adapters/memory/ledger.js';
import { createMemoryLedgerQueries } from '../../shared/adapters/memory/ledger-queries.js';
import { createMemoryControlStore, createMemoryReplayStore } from '../../shared/adapters/memory/operations.js';
import { createMemoryPortStates } from '../../shared/adapters/memory/port-states.js';
import {
  createMemoryQuarantineDesk,
  createMemoryQuarantineStore,
} from '../../shared/adapters/memory/quarantine-store.js';
import { createMemoryRegistryStore } from '../../shared/adapters/memory/registry-store.js';
import { createMemorySignalQueries } from '../../shared/adapters/memory/signal-queries.js';
import { createMemorySignalStore } from '../../shared/adapters/memory/signal-store.js';
import type { QuarantineItem } from '../../shared/contracts/quarantine-item.js';
import type { Signal } from '../../shared/contracts/signal.js';
import {
  type ControlSource,
  createControlSource,
  toPauseSource,
} from '../../shared/pipeline/operators/control-source.js';
import type { PauseDeps } from '../../shared/pipeline/operators/change-controls.js';
import type { ReplayDeps } from '../../shared/pipeline/operators/replays.js';
import type { ApplyDeps } from '../../shared/pipeline/registry/publish-registry.js';
import { noPauses } from '../../shared/pipeline/pause-source.js';
import { createRegistrySource, type RegistrySource } from '../../shared/pipeline/registry-source.js';
import { Cluster } from './model/cluster.js';
import { Consumers, type Receipt } from './model/consumers.js';
import { EventHub } from './model/event-hub.js';
import { EventLoop } from './model/event-loop.js';
import { type FaultKind, Faults } from './model/faults.js';
import type { Host } from './model/host.js';
import { type Caller, Network } from './model/network.js';
import { Random } from './model/random.js';
import { Queue } from './model/service-bus.js';
import { createModelStageQueues } from './model/stage-queues.js';
import { Topic } from './model/trigger-topic.js';
import { History } from './oracle/history.js';
import { Observer } from './oracle/observer.js';
import { type PlannedEvent, render } from './scenario/events.js';
import { stages } from './scenario/registry.js';
import type { Scenario } from './scenario/scenario.js';
import { useCases } from './use-cases.js';

export type Stores = ReturnType<typeof createStores>;

function createStores() {
  const signals = new Map<string, Signal>();
  const ledger = new MemoryLedgerRows();
  const quarantine = new Map<string, QuarantineItem>();
  return {
    signals: createMemorySignalStore(signals),
    signalQueries: createMemorySignalQueries(signals),
    ledger: createMemoryLedger(ledger),
    ledgerQueries: createMemoryLedgerQueries(ledger),
    portStates: createMemoryPortStates(),
    quarantine: createMemoryQuarantineStore(quarantine),
    quarantineDesk: createMemoryQuarantineDesk(quarantine),
    controlStore: createMemoryControlStore(),
    replayStore: createMemoryReplayStore(),
    registryStore: createMemoryRegistryStore(),
    auditLog: createMemoryAuditLog(),
  };
}

const startMs = Date.parse('2026-03-11T02:00:00.000Z');
const sweepEveryMs = 30_000;
/** The shipped value; see `functions/compose.ts`. */
const sweepLimit = 1_000;

const skewed: readonly FaultKind[] = ['clock-skewed', 'clock-stepped-back', 'clock-stepped-forward'];
/** With these a host can act on what it learned long before. */
const slow: readonly FaultKind[] = ['table-slow', 'host-stalled'];

/** Everything of one run: the modelled platform, the shipped code on it, and the observer of both. */
export class World {
  readonly loop: EventLoop;
  readonly faults: Faults;
  readonly network: Network;
  readonly history = new History();
  readonly stores = createStores();
  readonly observer: Observer;
  readonly queues: ReadonlyMap<string, Queue>;
  readonly topic: Topic;
  readonly hub: EventHub;
  readonly cluster: Cluster;
  readonly consumers: Consumers;
  readonly random: Random;
  private readonly sources = new WeakMap<Host, { registry: RegistrySource; controls: ControlSource }>();
  private readonly ports;
  private readonly allQueues: readonly Queue[];

  constructor(
    readonly scenario: Scenario,
    options: { keepTrace: boolean },
  ) {
    const { seed } = scenario;
    this.random = new Random(seed, 'world');
    this.loop = new EventLoop(seed, startMs, options);
    this.faults = new Faults(seed, scenario.faults);
    const { loop, faults } = this;
    const isSlow = slow.some((kind) => faults.isOn(kind));
    const clocksAgree = !skewed.some((kind) => faults.isOn(kind));
    this.observer = new Observer(this.history, this.stores, {
      faults,
      nowMs: () => loop.nowMs,
      refreshMs: scenario.refreshMs,
      slackMs: isSlow || !clocksAgree ? 300_000 : 1_000,
      clocksAgree,
    });
    this.network = new Network(loop, faults, this.observer.observe, seed);
    this.network.mortalCall = scenario.mortalCall;
    const queueOptions = { lockMs: scenario.lockMs, maxDeliveries: scenario.maxDeliveries };
    const createQueue = (name: string): Queue =>
      new Queue(name, loop, { faults, random: new Random(seed, `queue ${name}`), options: queueOptions });
    const queues = {
      normalize: createQueue('normalize'),
      evaluate: createQueue('evaluate'),
      dispatch: createQueue('dispatch'),
    };
    this.queues = new Map(Object.entries(queues));
    this.allQueues = Object.values(queues);
    this.consumers = new Consumers(loop, {
      faults,
      random: new Random(seed, 'consumers'),
      publish: (receipt) => this.publishReceipt(receipt),
    });
    this.topic = new Topic(loop, faults, {
      windowMs: scenario.duplicateWindowMs,
      deliver: (body) => this.consumers.deliver(body),
      onUnrouted: this.observer.unrouted,
    });
    this.hub = new EventHub(loop, faults, new Random(seed, 'hub'), {
      partitions: scenario.partitions,
      onCheckpoint: this.observer.checkpointed,
    });
    this.ports = { ...this.stores, queues: createModelStageQueues(queues), topic: this.topic, channels: this.topic };
    this.cluster = new Cluster(
      { loop, faults, network: this.network, random: new Random(seed, 'cluster') },
      {
        useCases: useCases.filter(({ name }) => name !== 'replay' || asksForReplays(scenario)),
        composeFor: (host) => this.composeFor(host),
        hub: this.hub,
        queues: this.queues,
        maxBatch: scenario.maxBatch,
        sweepEveryMs,
        onCompleted: this.observer.completed,
      },
    );
  }

  publish(planned: PlannedEvent): void {
    const { body, properties } = render(planned);
    const record = this.hub.append(body, properties);
    if (planned.kind === 'malformed') this.faults.count('event-malformed');
    else if (planned.fault !== undefined) this.faults.count(planned.fault);
    if (planned.kind === 'fact') this.history.published(record, { kind: 'fact', fact: planned.fact });
    else this.history.published(record, { kind: 'malformed', reason: planned.reason });
  }

  applyDepsFor(caller: Caller): ApplyDeps {
    const connect = <T extends object>(name: string, port: T): T => this.network.connect(caller, name, port);
    return {
      registryStore: connect('registryStore', this.ports.registryStore),
      channels: connect('channels', this.ports.channels),
      auditLog: connect('auditLog', this.ports.auditLog),
      clock: { nowMs: () => this.loop.nowMs },
    };
  }

  /** Nothing is under way and nothing is left to do. */
  get isQuiet(): boolean {
    return (
      this.network.underway === 0 &&
      this.cluster.isIdle &&
      this.consumers.isIdle &&
      this.allQueues.every((queue) => queue.isEmpty && queue.dead.length === 0) &&
      this.hub.isDone() &&
      this.observer.open.ids().every((triggerId) => this.observer.isStuck(triggerId)) &&
      this.observer.replays.areOver
    );
  }

  private publishReceipt({ event, refusedFor }: Receipt): void {
    const record = this.hub.append(Buffer.from(JSON.stringify(event)), {});
    const { triggerId = '', eventId = '' } = event;
    this.history.published(record, {
      kind: 'receipt',
      triggerId,
      eventId,
      ...(refusedFor !== undefined && { reason: refusedFor }),
    });
  }

  controlDepsFor(caller: Caller): PauseDeps {
    const connect = <T extends object>(name: string, port: T): T => this.network.connect(caller, name, port);
    return {
      controlStore: connect('controlStore', this.ports.controlStore),
      auditLog: connect('auditLog', this.ports.auditLog),
      // Pauses are drawn from every registry of the run; whether one is in force yet is no question here.
      registry: { current: () => Promise.resolve(undefined) },
      stages,
      clock: { nowMs: () => this.loop.nowMs },
    };
  }

  /** What an operator's program gets: the ports, and caches of its own. */
  replayDepsFor(caller: Caller): ReplayDeps {
    const connect = <T extends object>(name: string, port: T): T => this.network.connect(caller, name, port);
    const clock = { nowMs: () => this.loop.nowMs };
    const { refreshMs } = this.scenario;
    return {
      ...this.connectReplay(connect),
      auditLog: connect('auditLog', this.ports.auditLog),
      registry: createRegistrySource(connect('registryStore', this.ports.registryStore), clock, refreshMs),
      controls: createControlSource(connect('controlStore', this.ports.controlStore), clock, refreshMs),
      stages,
      clock,
    };
  }

  private connectStores(connect: <T extends object>(name: string, port: T) => T) {
    return {
      signals: connect('signals', this.ports.signals),
      ledger: connect('ledger', this.ports.ledger),
      portStates: connect('portStates', this.ports.portStates),
    };
  }

  private connectReplay(connect: <T extends object>(name: string, port: T) => T) {
    return {
      ...this.connectStores(connect),
      signalQueries: connect('signalQueries', this.ports.signalQueries),
      ledgerQueries: connect('ledgerQueries', this.ports.ledgerQueries),
      quarantineDesk: connect('quarantineDesk', this.ports.quarantineDesk),
      replayStore: connect('replayStore', this.ports.replayStore),
    };
  }

  /** One set of ports per invocation, so that every call is known to be its; registry and controls are the host's. */
  private composeFor(host: Host): ComposeOperators {
    return () => {
      const caller = host.entering;
      if (caller === undefined) throw new Error('entry points compose before their first await');
      const connect = <T extends object>(name: string, port: T): T => this.network.connect(caller, name, port);
      const { registry, controls } = this.sourcesOf(host);
      const deps = {
        ...(caller.useCase === 'replay' ? this.connectReplay(connect) : this.connectStores(connect)),
        registry,
        controls,
        pauses: this.scenario.pauses.length > 0 ? toPauseSource(controls) : noPauses,
        quarantine: connect('quarantine', this.ports.quarantine),
        queues: connect('queues', this.ports.queues),
        topic: connect('topic', this.ports.topic),
        wait: (ms: number) => new Promise<void>((resolve) => this.loop.after(ms, () => host.resume(resolve))),
        clock: host,
        stages,
        leaseMs: this.scenario.leaseMs,
        afterMs: this.scenario.sweepAfterMs,
        limitPerStage: sweepLimit,
      };
      const composition: Partial<Record<keyof OperatorComposition, unknown>> = {
        settings: { hub: 'readiness-events', stages },
        registry,
        driverDeps: deps,
        ingestDeps: deps,
        normalizeDeps: deps,
        evaluateDeps: deps,
        dispatchDeps: deps,
        sweepDeps: deps,
        replayDeps: deps,
      };
      return Promise.resolve(composition as OperatorComposition); // what these entry points read of it is here, with the ports' own types above
    };
  }

  private sourcesOf(host: Host): { registry: RegistrySource; controls: ControlSource } {
    const known = this.sources.get(host);
    if (known) return known;
    const store = this.network.connect(host.callerFor('registry'), 'registryStore', this.ports.registryStore);
    const controls = this.network.connect(host.callerFor('controls'), 'controlStore', this.ports.controlStore);
    const sources = {
      registry: createRegistrySource(store, host, this.scenario.refreshMs),
      controls: createControlSource(controls, host, this.scenario.refreshMs),
    };
    this.sources.set(host, sources);
    return sources;
  }
}

function asksForReplays({ replays, aftermath }: Scenario): boolean {
  return replays.length > 0 || aftermath?.replay !== undefined;
}
