import { fanOutConsumers, toSeal } from '../workload.js';
import type { Contender, Entry } from './contender.js';
import { readTreeCpuMs } from './process-tree.js';
import { Receipts } from './receipts.js';

/** What one round of one system gave. */
export interface FanOutRound {
  readonly eventsPerSecond: number;
  /** Processor time of this process and all it started, per event, in microseconds; NaN where there is no /proc. */
  readonly cpuUs: number;
  /** One event alone, from its sending to its third consumer: median, in milliseconds. */
  readonly aloneMs: number;
}

/** One event in twenty is sent a second time, with another event between: the copy must have no effect. */
const copyEvery = 20;
const aloneEvents = 10;
let runs = 0;

/** Start a system, warm it up, flood it, and send events one by one. @throws Error when an event is lost or doubled */
export async function measureEntry(entry: Entry): Promise<FanOutRound> {
  const receipts = new Receipts(fanOutConsumers);
  const contender = await entry.start((consumer, eventId) => receipts.note(consumer, eventId));
  try {
    await flood(contender, receipts, Math.max(2, Math.ceil(entry.flooded / 5)));
    const cpuBeforeMs = readTreeCpuMs();
    const tookMs = await flood(contender, receipts, entry.flooded);
    const cpuMs = readTreeCpuMs() - cpuBeforeMs;
    const alone = await sendAlone(contender, receipts);
    return {
      eventsPerSecond: (entry.flooded * 1_000) / tookMs,
      cpuUs: (cpuMs * 1_000) / entry.flooded,
      aloneMs: alone,
    };
  } finally {
    await contender.stop();
  }
}

async function flood(contender: Contender, receipts: Receipts, events: number): Promise<number> {
  const { bodies, eventIds } = toBodies(events);
  receipts.expect(eventIds);
  const startMs = performance.now();
  await contender.send(bodies);
  return (await receipts.complete()) - startMs;
}

async function sendAlone(contender: Contender, receipts: Receipts): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < aloneEvents; n += 1) {
    const { bodies, eventIds } = toBodies(1);
    receipts.expect(eventIds);
    const startMs = performance.now();
    await contender.send(bodies);
    times.push((await receipts.arrived()) - startMs);
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? Number.NaN;
}

function toBodies(events: number): { bodies: Buffer[]; eventIds: string[] } {
  const run = `fan-out-${process.pid}-${(runs += 1)}`;
  const seals = Array.from({ length: events }, (_, n) => toSeal(run, n));
  const texts = seals.map((seal) => Buffer.from(JSON.stringify(seal)));
  const bodies = texts.flatMap((text, n) => {
    const copied = n % copyEvery === 1 ? texts[n - 1] : undefined;
    return copied === undefined ? [text] : [text, copied];
  });
  return { bodies, eventIds: seals.map(({ eventId }) => eventId) };
}
