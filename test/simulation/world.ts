import type { Compose, Composition } from '../../functions/compose.js';
import { createMemoryAuditLog } from '../../shared/adapters/memory/audit-log.js';
import { createMemoryLedger } from '../../shared/adapters/memory/ledger.js';
import { createMemoryPortStates } from '../../shared/adapters/memory/port-states.js';
import { createMemoryQuarantineStore } from '../../shared/adapters/memory/quarantine-store.js';
import { createMemoryRegistryStore } from '../../shared/adapters/memory/registry-store.js';
import { createMemorySignalStore } from '../../shared/adapters/memory/signal-store.js';
import type { ApplyDeps } from '../../shared/pipeline/registry/publish-registry.js';
import { noPauses } from '../../shared/pipeline/pause-source.js';
import { createRegistrySource, type RegistrySource } from '../../shared/pipeline/registry-source.js';
import { Cluster } from './model/cluster.js';
import { Consumers, type Receipt } from './model/consumers.js';
import { EventHub } from './model/event-hub.js';
import { EventLoop } from './model/event-loop.js';
import { Faults } from './model/faults.js';
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
  return {
    signals: createMemorySignalStore(),
    ledger: createMemoryLedger(),
    portStates: createMemoryPortStates(),
    quarantine: createMemoryQuarantineStore(),
    registryStore: createMemoryRegistryStore(),
    auditLog: createMemoryAuditLog(),
  };
}

const startMs = Date.parse('2026-03-11T02:00:00.000Z');
const sweepEveryMs = 30_000;
/** The shipped value; see `functions/compose.ts`. */
const sweepLimit = 1_000;

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
  private readonly registrySources = new WeakMap<Host, RegistrySource>();
  private readonly ports;

  constructor(
    readonly scenario: Scenario,
    options: { keepTrace: boolean },
  ) {
    const { seed } = scenario;
    this.random = new Random(seed, 'world');
    this.loop = new EventLoop(seed, startMs, options);
    this.faults = new Faults(seed, scenario.faults);
    const { loop, faults } = this;
    this.observer = new Observer(this.history, this.stores, { nowMs: () => loop.nowMs, refreshMs: scenario.refreshMs });
    this.network = new Network(loop, faults, this.observer.observe, seed);
    const queueOptions = { lockMs: scenario.lockMs, maxDeliveries: scenario.maxDeliveries };
    const createQueue = (name: string): Queue =>
      new Queue(name, loop, { faults, random: new Random(seed, `queue ${name}`), options: queueOptions });
    const queues = {
      normalize: createQueue('normalize'),
      evaluate: createQueue('evaluate'),
      dispatch: createQueue('dispatch'),
    };
    this.queues = new Map(Object.entries(queues));
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
        useCases,
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
      this.hub.isDone() &&
      this.cluster.isIdle &&
      this.network.underway === 0 &&
      this.consumers.isIdle &&
      [...this.queues.values()].every((queue) => queue.isEmpty && queue.dead.length === 0) &&
      [...this.observer.unsent.keys()].every((triggerId) => this.observer.isStuck(triggerId))
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

  /** One set of ports per invocation, so that every call is known to be its; the registry cache is the host's. */
  private composeFor(host: Host): Compose {
    return () => {
      const caller = host.entering;
      if (caller === undefined) throw new Error('entry points compose before their first await');
      const connect = <T extends object>(name: string, port: T): T => this.network.connect(caller, name, port);
      const deps = {
        signals: connect('signals', this.ports.signals),
        ledger: connect('ledger', this.ports.ledger),
        portStates: connect('portStates', this.ports.portStates),
        pauses: noPauses,
        quarantine: connect('quarantine', this.ports.quarantine),
        queues: connect('queues', this.ports.queues),
        topic: connect('topic', this.ports.topic),
        registry: this.registryOf(host),
        clock: host,
        stages,
        leaseMs: this.scenario.leaseMs,
        afterMs: this.scenario.sweepAfterMs,
        limitPerStage: sweepLimit,
      };
      const composition: Partial<Record<keyof Composition, unknown>> = {
        settings: { hub: 'readiness-events', stages },
        registry: deps.registry,
        driverDeps: deps,
        ingestDeps: deps,
        normalizeDeps: deps,
        evaluateDeps: deps,
        dispatchDeps: deps,
        sweepDeps: deps,
      };
      return Promise.resolve(composition as Composition); // what these entry points read of it is here, with the ports' own types above
    };
  }

  private registryOf(host: Host): RegistrySource {
    const known = this.registrySources.get(host);
    if (known) return known;
    const store = this.network.connect(host.callerFor('registry'), 'registryStore', this.ports.registryStore);
    const source = createRegistrySource(store, host, this.scenario.refreshMs);
    this.registrySources.set(host, source);
    return source;
  }
}
