import type { EventLoop } from './event-loop.js';
import type { Faults } from './faults.js';
import type { Random } from './random.js';

interface QueuedMessage {
  readonly number: number;
  readonly body: string;
  deliveries: number;
  visibleAtMs: number;
  lock: { token: number; untilMs: number } | undefined;
}

/** A locked message in the hands of a receiver. */
export interface Delivery {
  readonly token: number;
  readonly body: string;
}

export interface QueueOptions {
  readonly lockMs: number;
  readonly maxDeliveries: number;
}

/** A Service Bus queue: peek-lock, redelivery, delivery counts, dead letters, scheduled messages. */
export class Queue {
  readonly dead: string[] = [];
  private readonly messages = new Map<number, QueuedMessage>();
  private sent = 0;
  private locks = 0;
  /** Set by whoever receives from the queue. */
  onVisible: () => void = () => undefined;

  constructor(
    readonly name: string,
    private readonly loop: EventLoop,
    private readonly deps: { faults: Faults; random: Random; options: QueueOptions },
  ) {}

  /** Messages that still wait, locked or not. */
  bodies(): string[] {
    return [...this.messages.values()].map(({ body }) => body);
  }

  get isEmpty(): boolean {
    return this.messages.size === 0;
  }

  send(body: string, visibleAtMs = this.loop.nowMs): void {
    const delayMs = this.deps.faults.strikes('message-delayed') ? this.deps.random.int(1_000, 60_000) : 0;
    const number = ++this.sent;
    const message = { number, body, deliveries: 0, visibleAtMs: visibleAtMs + delayMs, lock: undefined };
    this.messages.set(number, message);
    this.wakeAt(message.visibleAtMs);
  }

  /** Lock up to `max` messages that are visible now. */
  receive(max: number): Delivery[] {
    const now = this.loop.nowMs;
    const { faults, random, options } = this.deps;
    const visible = [...this.messages.values()].filter((message) => this.makeVisible(message, now));
    if (faults.strikes('messages-shuffled')) shuffle(visible, random);
    const deliveries = visible.slice(0, max).map((message) => {
      message.deliveries += 1;
      message.lock = { token: ++this.locks, untilMs: now + options.lockMs };
      return { token: message.lock.token, body: message.body };
    });
    if (deliveries.length > 0) this.wakeAt(now + options.lockMs + 1);
    return deliveries;
  }

  /** The broker forgets a lock: the message may go to somebody else at once. */
  loseLock(token: number): void {
    const message = this.find(token);
    if (message?.lock === undefined) return;
    message.lock = { token: -1, untilMs: this.loop.nowMs };
    this.wakeAt(this.loop.nowMs + 1);
  }

  /** `false` when the lock is not held any more; the message then stays. */
  complete(token: number): string | undefined {
    const message = this.find(token);
    if (message === undefined) return undefined;
    this.messages.delete(message.number);
    return message.body;
  }

  abandon(token: number): void {
    const message = this.find(token);
    if (message === undefined) return;
    message.lock = undefined;
    this.buryIfSpent(message);
    this.wakeAt(this.loop.nowMs);
  }

  /** An operator sends the dead letters again, as new messages. */
  redrive(): void {
    for (const body of this.dead.splice(0)) this.send(body);
  }

  private find(token: number): QueuedMessage | undefined {
    const found = [...this.messages.values()].find(({ lock }) => lock?.token === token);
    return found?.lock !== undefined && found.lock.untilMs > this.loop.nowMs ? found : undefined;
  }

  private makeVisible(message: QueuedMessage, now: number): boolean {
    if (message.visibleAtMs > now) return false;
    if (message.lock === undefined) return true;
    if (message.lock.untilMs > now) return false;
    message.lock = undefined;
    return !this.buryIfSpent(message);
  }

  private buryIfSpent(message: QueuedMessage): boolean {
    if (message.deliveries < this.deps.options.maxDeliveries) return false;
    this.messages.delete(message.number);
    this.dead.push(message.body);
    this.deps.faults.count('dead-lettered');
    this.loop.note(`${this.name} buries ${message.number}`);
    return true;
  }

  private wakeAt(atMs: number): void {
    this.loop.after(atMs - this.loop.nowMs, () => this.onVisible());
  }
}

function shuffle<T>(items: T[], random: Random): void {
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = random.int(0, index);
    const [a, b] = [items[index], items[other]];
    if (a === undefined || b === undefined) continue;
    items[index] = b;
    items[other] = a;
  }
}
