import type { OutgoingTrigger } from '../../../shared/contracts/outgoing-trigger.js';
import type { ConsumerChannels } from '../../../shared/ports/consumer-channels.js';
import type { SendOutcome, TriggerTopic } from '../../../shared/ports/trigger-topic.js';
import type { EventLoop } from './event-loop.js';
import type { Faults } from './faults.js';
import type { Random } from './random.js';

/** The topic: duplicate detection over a window of virtual time, one channel per consumer, filtered by consumer. */
export class Topic implements TriggerTopic, ConsumerChannels {
  readonly channels = new Set<string>();
  readonly refused = new Set<string>();
  /** Triggers that were accepted when their consumer had no channel. */
  readonly unrouted = new Set<string>();
  private readonly mended = new Set<string>();
  private readonly history = new Map<string, number>();

  constructor(
    private readonly loop: EventLoop,
    private readonly faults: Faults,
    private readonly options: {
      windowMs: number;
      deliver: (body: string) => void;
      onUnrouted: (consumer: string) => void;
      random: Random;
    },
  ) {}

  send(triggers: readonly OutgoingTrigger[]): Promise<SendOutcome[]> {
    return Promise.resolve(triggers.map((trigger) => this.sendOne(trigger)));
  }

  list(): Promise<string[]> {
    return Promise.resolve([...this.channels].sort());
  }

  ensure(consumer: string): Promise<'created' | 'unchanged'> {
    if (this.channels.has(consumer)) return Promise.resolve('unchanged');
    this.channels.add(consumer);
    return Promise.resolve('created');
  }

  /** Consumers take what comes at once. */
  waiting(): Promise<number> {
    return Promise.resolve(0);
  }

  remove(consumer: string): Promise<void> {
    this.channels.delete(consumer);
    return Promise.resolve();
  }

  /** Somebody asks again for a trigger that was refused; in half of the cases its cause is mended. */
  reconsider(triggerId: string): void {
    this.faults.count('refusal-reconsidered');
    if (this.options.random.chance(0.5)) this.mended.add(triggerId);
    if (this.mended.has(triggerId)) this.refused.delete(triggerId);
  }

  private sendOne(trigger: OutgoingTrigger): SendOutcome {
    const { triggerId, consumer } = trigger;
    const seenAtMs = this.history.get(triggerId);
    const known = seenAtMs !== undefined || this.refused.has(triggerId) || this.mended.has(triggerId);
    if (!known && this.faults.strikes('trigger-refused')) this.refused.add(triggerId);
    if (this.refused.has(triggerId)) return { kind: 'refused', reason: 'larger than the topic takes' };
    if (seenAtMs !== undefined) {
      if (this.loop.nowMs - seenAtMs <= this.options.windowMs) return { kind: 'sent' };
      this.faults.count('duplicate-window-expired');
    }
    this.history.set(triggerId, this.loop.nowMs);
    if (this.channels.has(consumer)) this.options.deliver(trigger.body);
    else {
      this.unrouted.add(triggerId);
      this.options.onUnrouted(consumer);
    }
    return { kind: 'sent' };
  }
}
