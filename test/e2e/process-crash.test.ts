import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registryDocument } from '../fixtures/events.js';
import { until } from '../fixtures/until.js';
import { startConsumer } from '../support/crash/consumer.js';
import { type Fault, faults, inflict } from '../support/crash/faults.js';
import { readEventFile, startProducer } from '../support/crash/producer.js';
import { type OutportStack, startOutportStack } from '../support/outport-stack.js';
import { toSuiteOption } from '../support/suite-options.js';

const cycles = toSuiteOption('cycles', 20);
const seed = toSuiteOption('seed', 1);
const clockJump = pathToFileURL(join(import.meta.dirname, '..', 'support', 'crash', 'clock-jump.js'));
/** Longer than the leases taken by a host whose clock was a minute ahead. */
const quietWithinMs = 180_000;
const consumer = 'dp.finance.revenue';

let folder: string;
let outport: OutportStack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outport-crash-'));
  const env = { NODE_OPTIONS: `--import=${clockJump.href}` };
  outport = await startOutportStack({ registry: registryDocument(), dataDir: join(folder, 'data'), env });
}, 180_000);
afterAll(async () => {
  await outport.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Small generator (mulberry32): the same seed gives the same faults in the same order. */
function toRandom(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Every fault once, then any; each with the moments before it and its length. */
function planFaults(): { fault: Fault; afterEvents: number; pauseMs: number }[] {
  const random = toRandom(seed);
  return Array.from({ length: cycles }, (_, cycle) => ({
    fault: faults[cycle < faults.length ? cycle : Math.floor(random() * faults.length)] ?? 'host SIGKILL',
    afterEvents: 2 + Math.floor(random() * 6),
    pauseMs: 200 + Math.floor(random() * 3_500),
  }));
}

describe('processes that are killed, stopped and set to another time under load', () => {
  it(`lose no event and double no trigger (${cycles} cycles, seed ${seed})`, { timeout: 600_000 }, async () => {
    const file = join(folder, 'events.jsonl');
    const producer = startProducer(outport.settings, file);
    const handed = startConsumer(outport);

    for (const { fault, afterEvents, pauseMs } of planFaults()) {
      const target = producer.published() + afterEvents;
      await until(
        `the producer goes on before ${fault}`,
        () => (producer.published() >= target ? true : undefined),
        120_000,
      );
      await inflict(fault, outport.stack, pauseMs);
    }

    await producer.stop();
    const eventIds = await readEventFile(file);
    const { ledger, quarantine } = outport.stores;
    const entries = await until(
      'every event has a trigger with a receipt',
      async () => {
        const found = await ledger.listByConsumer({ stage: 'prod', consumer, limit: eventIds.length + 10 });
        if (found.length < eventIds.length || handed.messagesOf.size < eventIds.length) return undefined;
        const receipts = await Promise.all(found.map(({ trigger }) => ledger.listReceipts(trigger.triggerId)));
        return receipts.every((own) => own.length > 0) ? found : undefined;
      },
      quietWithinMs,
    );
    await handed.stop();

    const fired = entries.map(({ trigger }) => trigger.inputs[0]?.eventId ?? '');
    expect(fired.sort()).toEqual(eventIds.sort());
    const doubled = [...handed.messagesOf].filter(([, messages]) => messages.size !== 1);
    expect(doubled).toEqual([]);
    expect([...handed.messagesOf.keys()].sort()).toEqual(eventIds);
    expect(await quarantine.list({ limit: 10 })).toEqual([]);
    process.stdout.write(`${cycles} cycles, ${eventIds.length} events, 0 lost, 0 doubled\n`);
  });
});
