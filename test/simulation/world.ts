import type { PublishedEvent } from '../../shared/ports/event-publisher.js';
import { Cluster } from './model/cluster.js';
import { Consumers, type Receipt } from './model/consumers.js';
import { EventHub } from './model/event-hub.js';
import { EventLoop } from './model/event-loop.js';
import { type FaultKind, Faults } from './model/faults.js';
import { Network } from './model/network.js';
import { Random } from './model/random.js';
import { Queue } from './model/service-bus.js';
import { createModelStageQueues } from './model/stage-queues.js';
import { Topic } from './model/trigger-topic.js';
import { History } from './oracle/history.js';
import { Observer } from './oracle/observer.js';
import { type PlannedEvent, render } from './scenario/events.js';
import type { Scenario } from './scenario/scenario.js';
import { createStores } from './stores.js';
import { useCases } from './use-cases.js';
import { Wiring } from './wiring.js';

const startMs = Date.parse('2026-03-11T02:00:00.000Z');
const sweepEveryMs = 30_000;

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
  readonly wiring: Wiring;
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
      onReopened: (triggerId) => this.topic.reconsider(triggerId),
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
      random: new Random(seed, 'topic'),
    });
    this.hub = new EventHub(loop, faults, new Random(seed, 'hub'), {
      partitions: scenario.partitions,
      onCheckpoint: this.observer.checkpointed,
    });
    const ports = {
      ...this.stores,
      queues: createModelStageQueues(queues, faults),
      topic: this.topic,
      channels: this.topic,
      publisher: { publish: (events: readonly PublishedEvent[]) => this.republish(events) },
    };
    this.wiring = new Wiring({ network: this.network, loop, scenario, ports });
    this.cluster = new Cluster(
      { loop, faults, network: this.network, random: new Random(seed, 'cluster') },
      {
        useCases: useCases.filter(({ name }) => name !== 'replay' || asksForReplays(scenario)),
        composeFor: (host) => this.wiring.composeFor(host),
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

  /** What lies in quarantine is sent again, as the event it was. */
  private republish(events: readonly PublishedEvent[]): Promise<void> {
    for (const { body } of events) {
      const published = this.history.publishedAs(Buffer.from(body).toString());
      if (published === undefined) this.history.report('P1', `something was sent again that nobody had published`);
      else this.history.published(this.hub.append(body, {}), published);
    }
    this.faults.count('event-resubmitted');
    return Promise.resolve();
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
}

function asksForReplays({ replays, aftermath }: Scenario): boolean {
  return replays.length > 0 || aftermath?.replay !== undefined;
}
