import { EventHubProducerClient } from '@azure/event-hubs';
import { setTimeout as sleep } from 'node:timers/promises';
import { toSeal } from '../workload.js';
import { Arrivals } from './arrivals.js';
import type { Route } from './platform.js';

/** When each event of a run was due and when its message reached a consumer; milliseconds of `performance.now`. */
export interface Passage {
  readonly dueMs: number;
  readonly arrivedMs: number;
}

/** A rate held for a time. */
export interface Phase {
  readonly perSecond: number;
  readonly ms: number;
}

/** At least so long between two sends: sending shares the processors with what is measured. */
const tickMs = 20;
const partitions = 4;
const eventsPerSend = 100;

/** Sends seals into a route's hub and watches them come out. */
export class Load {
  readonly #route: Route;
  readonly #producer: EventHubProducerClient;
  readonly #arrivals: Arrivals;
  #runs = 0;
  #turn = 0;

  constructor(route: Route, messaging: string) {
    this.#route = route;
    this.#producer = new EventHubProducerClient(messaging, route.hub);
    this.#arrivals = new Arrivals(route, messaging);
  }

  /**
   * Send in an open loop: an event is due at its moment of the plan whatever became of the ones before, and its latency
   * counts from then, so a stall counts for every event it held up, and so does waiting for the next send. Resolves when
   * everything arrived.
   */
  async openLoop(plan: readonly Phase[]): Promise<Passage[]> {
    const run = this.#newRun();
    const dueMs = toDueTimes(plan, performance.now());
    const sending: Promise<void>[] = [];
    for (let sent = 0; sent < dueMs.length;) {
      const nowMs = performance.now();
      let due = sent;
      while ((dueMs[due] ?? Number.POSITIVE_INFINITY) <= nowMs) due += 1;
      if (due > sent) sending.push(this.#send(run, sent, due - sent));
      const restMs = due > sent ? tickMs : 1;
      sent = due;
      await sleep(Math.max(restMs, (dueMs[sent] ?? nowMs) - nowMs));
    }
    await Promise.all(sending);
    return this.#collect(run, dueMs);
  }

  /** Put events into the hub as fast as it takes them, and wait until all came out. */
  async flood(events: number): Promise<Passage[]> {
    const run = this.#newRun();
    const dueMs = Array.from({ length: events }, () => performance.now());
    for (let from = 0; from < events; from += eventsPerSend) {
      await this.#send(run, from, Math.min(eventsPerSend, events - from));
    }
    return this.#collect(run, dueMs);
  }

  async close(): Promise<void> {
    await this.#producer.close();
    await this.#arrivals.close();
  }

  #newRun(): string {
    return `${this.#route.name}-${Date.now()}-${(this.#runs += 1)}`;
  }

  async #send(run: string, from: number, count: number): Promise<void> {
    const partitionId = String((this.#turn += 1) % partitions);
    const seals = Array.from({ length: count }, (_, index) => toSeal(run, from + index));
    const events = seals.map((seal) => ({ body: Buffer.from(JSON.stringify(seal)) }));
    await this.#producer.sendBatch(events, { partitionId });
  }

  async #collect(run: string, dueMs: readonly number[]): Promise<Passage[]> {
    const arrived = await this.#arrivals.take(dueMs.map((_, n) => `${run}-${n}`));
    return dueMs.map((due, n) => ({ dueMs: due, arrivedMs: arrived[n] ?? Number.NaN }));
  }
}

function toDueTimes(plan: readonly Phase[], startMs: number): number[] {
  let phaseStartMs = startMs;
  return plan.flatMap(({ perSecond, ms }) => {
    const from = phaseStartMs;
    phaseStartMs += ms;
    return Array.from({ length: Math.round((perSecond * ms) / 1_000) }, (_, n) => from + (n * 1_000) / perSecond);
  });
}
