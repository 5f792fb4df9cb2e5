import { type MessageHandlers, ServiceBusClient } from '@azure/service-bus';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Route } from './platform.js';

/** Without one more arrival for this long, what is missing counts as lost. */
const patienceMs = 60_000;
const lookMs = 5;
/**
 * With one message in hand, as the client has it by default, a consumer asks for each message by itself: that costs the
 * broker more than all else a pass-through does, and no hop through one subscription is faster than these questions.
 */
const inHand = 100;

/** Watches every outlet of a route and notes when each event's message arrives. */
export class Arrivals {
  readonly #route: string;
  readonly #client: ServiceBusClient;
  readonly #arrivedMs = new Map<string, number>();
  readonly #problems: string[] = [];

  constructor(route: Route, messaging: string) {
    this.#route = route.name;
    this.#client = new ServiceBusClient(messaging);
    for (const { topic, subscription } of route.outlets) {
      const handlers: MessageHandlers = {
        processMessage: async ({ body }) => this.#note(toEventId(body), performance.now()),
        processError: async ({ error }) => void this.#problems.push(error.message),
      };
      this.#client
        .createReceiver(topic, subscription, { receiveMode: 'receiveAndDelete' })
        .subscribe(handlers, { maxConcurrentCalls: inHand });
    }
  }

  #note(eventId: string, nowMs: number): void {
    if (this.#arrivedMs.has(eventId)) this.#problems.push(`${eventId} arrived twice`);
    else this.#arrivedMs.set(eventId, nowMs);
  }

  /** When each of these events arrived, in order. @throws Error when events are lost or arrive twice */
  async take(eventIds: readonly string[]): Promise<number[]> {
    let seen = 0;
    let quietSinceMs = performance.now();
    while (this.#arrivedMs.size < eventIds.length && this.#problems.length === 0) {
      await sleep(lookMs);
      const nowMs = performance.now();
      if (this.#arrivedMs.size > seen) quietSinceMs = nowMs;
      seen = this.#arrivedMs.size;
      if (nowMs - quietSinceMs > patienceMs) this.#problems.push(`${eventIds.length - seen} events never arrived`);
    }
    if (this.#problems.length > 0) throw new Error(`${this.#route}: ${this.#problems.slice(0, 5).join('; ')}`);
    const times = eventIds.map((eventId) => this.#arrivedMs.get(eventId) ?? Number.NaN);
    this.#arrivedMs.clear();
    return times;
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** The pass-through forwards the event itself, a trigger names it as its input. */
function toEventId(body: unknown): string {
  const content: unknown = typeof body === 'string' ? JSON.parse(body) : body;
  const { eventId, inputs } = content as { eventId?: string; inputs?: { eventId: string }[] }; // our own two forms
  return eventId ?? inputs?.[0]?.eventId ?? '';
}
