import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventHubProducerClient } from '@azure/event-hubs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QuarantineRecord } from '../../shared/contracts/quarantine-record.js';
import { sealedEvent } from '../fixtures/events.js';
import { until } from '../fixtures/until.js';
import { badInputRegistry } from '../support/bad-input/base-events.js';
import { buildSent } from '../support/bad-input/build-sent.js';
import { readBadInput } from '../support/bad-input/cases.js';
import { type OutportStack, startOutportStack } from '../support/outport-stack.js';

/** The first case of each class that needs nothing before it. */
const classes = new Set<string>();
const sample = readBadInput().filter((one) => {
  if (classes.has(one.class) || one.before !== undefined) return false;
  return classes.add(one.class);
});

let dataDir: string;
let outport: OutportStack;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'outport-bad-input-'));
  outport = await startOutportStack({ registry: badInputRegistry(), dataDir });
}, 180_000);
afterAll(async () => {
  await outport.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const good = sealedEvent({ eventId: 'good', snapshot: { watermark: '2026-02-01T00:00:00Z' } });

describe('bad input on the embedded stack', { timeout: 300_000 }, () => {
  it('ends as it does in memory, case by case, and good events among it fire', async () => {
    const { settings, stack, stores } = outport;
    const client = new EventHubProducerClient(stack.endpoints.amqp, settings.hub);
    // One partition keeps the order, so a sequence number says which case a record is of.
    for (const one of sample) {
      const { body, properties } = buildSent(one);
      await client.sendBatch([{ body, properties: { ...properties } }], { partitionId: '0' });
    }
    const text = JSON.stringify(sealedEvent({ eventId: 'as-text' }));
    await client.sendBatch([{ bodyType: 'value', body: text }], { partitionId: '0' });
    await client.sendBatch([{ bodyType: 'value', body: sealedEvent({ eventId: 'as-map' }) }], { partitionId: '0' });
    await client.sendBatch([{ bodyType: 'sequence', body: [['a', 1]] }], { partitionId: '0' });
    await client.sendBatch([{ body: Buffer.from(JSON.stringify(good)) }], { partitionId: '0' });
    await client.close();

    await until(
      'the good event behind all of them has fired',
      async () => {
        const entries = await stores.ledger.listByConsumer({
          stage: 'prod',
          consumer: 'dp.finance.revenue',
          limit: 500,
        });
        return (
          entries.some(({ trigger, state }) => trigger.inputs[0]?.eventId === 'good' && state === 'sent') || undefined
        );
      },
      120_000,
    );
    const expected = sample.flatMap(({ reason }, sequence) =>
      reason === undefined ? [] : [[String(sequence), reason]],
    );
    const sequenceOfList = String(sample.length + 2);
    const records = await until(
      'every refused event is in quarantine',
      async () => {
        const found = await stores.quarantine.list({ limit: 1_000 });
        return found.length >= expected.length + 1 ? found : undefined;
      },
      120_000,
    );
    // Several accepted cases share one event id: the first is the signal, others are duplicates or conflicts.
    const own = records.filter(({ reason }) => reason !== 'event-id-conflict');
    expect(toPairs(own)).toEqual([...expected, [sequenceOfList, 'invalid-event']].sort(bySequence));
    for (const record of own.filter(({ reason }) => reason !== 'invalid-event')) expectBytes(record);
    expect(await stores.signals.findByEventId('as-text')).toHaveLength(1);
    expect(await stores.signals.findByEventId('as-map')).toHaveLength(1);
  });

  it('leaves no line in the log that somebody else wrote', async () => {
    const log = await readFile(join(dataDir, 'logs', 'functions-host.log'), 'utf8');
    const lines = log.split('\n').filter((line) => line !== '');
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) {
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
      expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
  });
});

function toPairs(records: readonly QuarantineRecord[]): string[][] {
  return records.map(({ origin, reason }) => [origin.sequenceNumber, reason]).sort(bySequence);
}

function bySequence([a]: string[], [b]: string[]): number {
  return Number(a) - Number(b);
}

/** What ingest refuses is kept byte for byte. */
function expectBytes({ origin, bodyBase64, problems }: QuarantineRecord): void {
  const sent = sample[Number(origin.sequenceNumber)];
  const ownWords = ['producer', 'outputPort', 'triggerId'].some((word) => problems[0]?.path.startsWith(word));
  if (sent && !ownWords) expect(bodyBase64).toBe(buildSent(sent).body.toString('base64'));
}
