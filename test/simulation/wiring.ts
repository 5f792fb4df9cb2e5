import type { ComposeOperators, OperatorComposition } from '../../functions/compose.js';
import type { PauseDeps } from '../../shared/pipeline/operators/change-controls.js';
import {
  type ControlSource,
  createControlSource,
  toPauseSource,
} from '../../shared/pipeline/operators/control-source.js';
import type { ReplayDeps } from '../../shared/pipeline/operators/replays.js';
import { noPauses } from '../../shared/pipeline/pause-source.js';
import type { ApplyDeps } from '../../shared/pipeline/registry/publish-registry.js';
import { createRegistrySource, type RegistrySource } from '../../shared/pipeline/registry-source.js';
import type { StageReport } from '../../shared/pipeline/stage-report.js';
import { createDirectMemory, type DirectMemory, toDirectStages, toQueuedStages } from '../../shared/pipeline/stages.js';
import type { ConsumerChannels } from '../../shared/ports/consumer-channels.js';
import type { EventPublisher } from '../../shared/ports/event-publisher.js';
import type { StageQueues } from '../../shared/ports/stage-queues.js';
import type { TriggerTopic } from '../../shared/ports/trigger-topic.js';
import type { EventLoop } from './model/event-loop.js';
import type { Host } from './model/host.js';
import type { Caller, Network } from './model/network.js';
import { stages } from './scenario/registry.js';
import type { Scenario } from './scenario/scenario.js';
import type { Stores } from './stores.js';

/** The shipped value; see `functions/compose.ts`. */
const sweepLimit = 1_000;

export interface WiringDeps {
  readonly network: Network;
  readonly loop: EventLoop;
  readonly scenario: Scenario;
  readonly ports: Stores & {
    readonly queues: StageQueues;
    readonly topic: TriggerTopic;
    readonly channels: ConsumerChannels;
    readonly publisher: EventPublisher;
  };
}

/** A port by its name, as one caller sees it. */
type Connect = <T extends object>(name: string, port: T) => T;

/** What each process gets of the ports, with the network in between. */
export class Wiring {
  private readonly sources = new WeakMap<Host, { registry: RegistrySource; controls: ControlSource }>();
  private readonly memories = new WeakMap<Host, DirectMemory>();

  constructor(private readonly deps: WiringDeps) {}

  applyDepsFor(caller: Caller): ApplyDeps {
    const connect = this.connectFor(caller);
    return {
      registryStore: connect('registryStore', this.deps.ports.registryStore),
      channels: connect('channels', this.deps.ports.channels),
      auditLog: connect('auditLog', this.deps.ports.auditLog),
      clock: { nowMs: () => this.deps.loop.nowMs },
    };
  }

  controlDepsFor(caller: Caller): PauseDeps {
    const connect = this.connectFor(caller);
    return {
      controlStore: connect('controlStore', this.deps.ports.controlStore),
      auditLog: connect('auditLog', this.deps.ports.auditLog),
      // Pauses are drawn from every registry of the run; whether one is in force yet is no question here.
      registry: { current: () => Promise.resolve(undefined) },
      stages,
      clock: { nowMs: () => this.deps.loop.nowMs },
    };
  }

  /** What an operator's program gets: the ports, and caches of its own. */
  replayDepsFor(caller: Caller): ReplayDeps {
    const connect = this.connectFor(caller);
    const clock = { nowMs: () => this.deps.loop.nowMs };
    const { refreshMs } = this.deps.scenario;
    return {
      ...this.connectReplay(connect),
      registry: createRegistrySource(connect('registryStore', this.deps.ports.registryStore), clock, refreshMs),
      controls: createControlSource(connect('controlStore', this.deps.ports.controlStore), clock, refreshMs),
      stages,
      clock,
    };
  }

  private connectFor(caller: Caller): Connect {
    return (name, port) => this.deps.network.connect(caller, name, port);
  }

  private connectStores(connect: Connect) {
    return {
      signals: connect('signals', this.deps.ports.signals),
      ledger: connect('ledger', this.deps.ports.ledger),
      portStates: connect('portStates', this.deps.ports.portStates),
    };
  }

  private connectReplay(connect: Connect) {
    return {
      ...this.connectStores(connect),
      signalQueries: connect('signalQueries', this.deps.ports.signalQueries),
      ledgerQueries: connect('ledgerQueries', this.deps.ports.ledgerQueries),
      quarantineDesk: connect('quarantineDesk', this.deps.ports.quarantineDesk),
      replayStore: connect('replayStore', this.deps.ports.replayStore),
      publisher: connect('publisher', this.deps.ports.publisher),
      auditLog: connect('auditLog', this.deps.ports.auditLog),
    };
  }

  /** One set of ports per invocation, so that every call is known to be its; registry and controls are the host's. */
  composeFor(host: Host): ComposeOperators {
    return () => {
      const caller = host.entering;
      if (caller === undefined) throw new Error('entry points compose before their first await');
      const connect = this.connectFor(caller);
      const { registry, controls } = this.sourcesOf(host);
      const deps = {
        ...(caller.useCase === 'replay' ? this.connectReplay(connect) : this.connectStores(connect)),
        registry,
        controls,
        pauses: this.deps.scenario.pauses.length > 0 ? toPauseSource(controls) : noPauses,
        quarantine: connect('quarantine', this.deps.ports.quarantine),
        queues: connect('queues', this.deps.ports.queues),
        topic: connect('topic', this.deps.ports.topic),
        wait: (ms: number) => new Promise<void>((resolve) => this.deps.loop.after(ms, () => host.resume(resolve))),
        clock: host,
        stages,
        leaseMs: this.deps.scenario.leaseMs,
        afterMs: this.deps.scenario.sweepAfterMs,
        limitPerStage: sweepLimit,
      };
      const composition: Partial<Record<keyof OperatorComposition, unknown>> = {
        settings: { hub: 'readiness-events', stages },
        registry,
        driverDeps: deps,
        stagesFor: (report: StageReport) => {
          const memory = this.memoryOf(host);
          return memory === undefined ? toQueuedStages(deps) : toDirectStages(deps, memory, report);
        },
        sweepDeps: deps,
        replayDeps: deps,
      };
      return Promise.resolve(composition as OperatorComposition); // what these entry points read of it is here, with the ports' own types above
    };
  }

  /** As long as the host lives; undefined where all messages take their queues. */
  private memoryOf(host: Host): DirectMemory | undefined {
    const { detours: times } = this.deps.scenario;
    if (times === undefined) return undefined;
    const known = this.memories.get(host) ?? createDirectMemory(host, times);
    this.memories.set(host, known);
    return known;
  }

  private sourcesOf(host: Host): { registry: RegistrySource; controls: ControlSource } {
    const known = this.sources.get(host);
    if (known) return known;
    const store = this.deps.network.connect(host.callerFor('registry'), 'registryStore', this.deps.ports.registryStore);
    const controls = this.deps.network.connect(
      host.callerFor('controls'),
      'controlStore',
      this.deps.ports.controlStore,
    );
    const sources = {
      registry: createRegistrySource(store, host, this.deps.scenario.refreshMs),
      controls: createControlSource(controls, host, this.deps.scenario.refreshMs),
    };
    this.sources.set(host, sources);
    return sources;
  }
}
