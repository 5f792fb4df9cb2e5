import type { Trigger } from '../../../shared/contracts/trigger.js';
import type { EventLoop } from './event-loop.js';
import type { Faults } from './faults.js';
import type { Random } from './random.js';

/** A receipt on its way to the hub, and the reason for which it must be refused, if it must. */
export interface Receipt {
  readonly event: Readonly<Record<string, string>>;
  readonly refusedFor?: string;
}

/** Consumers that do as the documentation says: work once per trigger id, report back. */
export class Consumers {
  /** Deliveries by trigger id; the first is the one that has an effect. */
  readonly deliveries = new Map<string, number>();
  readonly effects = new Map<string, Trigger>();
  private pending = 0;

  constructor(
    private readonly loop: EventLoop,
    private readonly deps: { faults: Faults; random: Random; publish: (receipt: Receipt) => void },
  ) {}

  get isIdle(): boolean {
    return this.pending === 0;
  }

  deliver(body: string): void {
    const { faults, random } = this.deps;
    this.later(faults.strikes('consumer-slow') ? random.int(60_000, 300_000) : random.int(1, 50), () => {
      this.receive(body);
      if (faults.strikes('consumer-redelivered')) this.later(random.int(1_000, 60_000), () => this.receive(body));
    });
  }

  private receive(body: string): void {
    const trigger = JSON.parse(body) as Trigger; // the topic carries nothing else
    const { triggerId, consumer } = trigger;
    this.deliveries.set(triggerId, (this.deliveries.get(triggerId) ?? 0) + 1);
    if (this.effects.has(triggerId)) return;
    this.effects.set(triggerId, trigger);
    this.loop.note(`${consumer} runs for ${triggerId}`);
    this.report(trigger);
  }

  private report({ triggerId, consumer }: Trigger): void {
    const { faults, random, publish } = this.deps;
    const at = new Date(this.loop.nowMs).toISOString();
    const event = { eventType: 'TriggerReceipt', triggerId, consumer, occurredAt: at };
    const send = (receipt: Receipt): void => this.later(random.int(1, 5_000), () => publish(receipt));
    if (random.chance(0.5)) {
      const receipt = { event: { ...event, eventId: `${triggerId}-succeeded`, status: 'succeeded' } };
      send(receipt);
      if (faults.strikes('receipt-repeated')) send(receipt);
    }
    if (!faults.strikes('receipt-forged')) return;
    const forged = { ...event, eventId: `${triggerId}-forged`, status: 'failed' };
    if (random.chance(0.5)) send({ event: { ...forged, consumer: 'dp.evil.twin' }, refusedFor: 'receipt-not-owner' });
    else send({ event: { ...forged, triggerId: 'prod.00.aaaaaaaaaaaaaaaaaaaaaaaaaa' }, refusedFor: 'unknown-trigger' });
  }

  private later(ms: number, act: () => void): void {
    this.pending += 1;
    this.loop.after(ms, () => {
      this.pending -= 1;
      act();
    });
  }
}
