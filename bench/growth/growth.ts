import { openStores } from '../../shared/adapters/open-adapters.js';
import { decodeEvent } from '../../shared/domain/decode/decode-event.js';
import { compileRegistry } from '../../shared/domain/compiled-registry.js';
import { decide } from '../../shared/domain/decide.js';
import { toSignal } from '../../shared/domain/signal.js';
import { toNormalizeMessage } from '../../shared/pipeline/ingest.js';
import type { Signal } from '../../shared/contracts/signal.js';
import { type Finding, type Section, toSpread } from '../report/finding.js';
import { toRate } from '../stack/latency.js';
import { Load } from '../stack/load.js';
import { type Platform, startPlatform } from '../stack/platform.js';
import { portCount, toRegistry, toSeal } from '../workload.js';

/** Signals stored before each measurement, up to the most that are asked for; a million take seven minutes and 8 GB. */
const sizes = [100_000, 1_000_000] as const;
/** Signals stored with verdict and sent trigger, nine rows; all further ones have five. */
const decidedAmong = 100_000;
const azuriteHeapMb = 16_000;
const flooded = 4_000;
const perInsert = 500;

/** A stack with a way in and out. */
interface Stack {
  readonly platform: Platform;
  readonly load: Load;
  stop(): Promise<void>;
}

interface Sample {
  readonly stored: number;
  readonly empty: number[];
  readonly full: number[];
}

/** The live rate of a stack whose tables hold signals, in turn with that of one whose tables are as good as empty. */
export async function benchGrowth({ rounds, stored: most }: { rounds: number; stored: number }): Promise<Section> {
  const [empty, full] = [await startStack(), await startStack()];
  try {
    for (const { load } of [empty, full]) await load.flood(flooded);
    const samples: Sample[] = [];
    let stored = 0;
    for (const size of sizes.filter((each) => each <= most)) {
      await fill(full.platform, stored, size);
      stored = size;
      const sample: Sample = { stored: size, empty: [], full: [] };
      for (let round = 0; round < rounds; round += 1) {
        sample.empty.push(toRate(await empty.load.flood(flooded)));
        sample.full.push(toRate(await full.load.flood(flooded)));
      }
      samples.push(sample);
    }
    return toSection(samples);
  } finally {
    await Promise.all([empty.stop(), full.stop()]);
  }
}

async function startStack(): Promise<Stack> {
  const platform = await startPlatform({ azuriteHeapMb });
  const host = await platform.startApp(platform.routes.outport);
  const load = new Load(platform.routes.outport, platform.messaging);
  const stop = async (): Promise<void> => {
    await load.close();
    await host.down();
    await platform.stop();
  };
  return { platform, load, stop };
}

function toSection(samples: readonly Sample[]): Section {
  const findings = samples.flatMap(({ stored, empty, full }): Finding[] => [
    { what: `${toCount(stored)} stored: live`, unit: 'events/s', value: toSpread(full) },
    { what: 'live on empty tables, in turn with it', unit: 'events/s', value: toSpread(empty) },
    {
      what: `${toCount(stored)} stored against none`,
      unit: 'x',
      value: toSpread(full.map((rate, round) => rate / (empty[round] ?? Number.NaN))),
      budget: { atLeast: 0.95 },
    },
  ]);
  const about =
    'live rate of two embedded stacks in turn, one with empty tables and one whose tables hold signals, ' +
    `the first ${toCount(decidedAmong)} of them with verdict and sent trigger`;
  return { title: 'growth', about, findings };
}

const toCount = (count: number): string => count.toLocaleString('en-US');

/** Store signals by the adapters themselves, as `normalize`, `evaluate` and `dispatch` would. */
async function fill({ settings }: Platform, from: number, to: number): Promise<void> {
  const { signals, ledger } = openStores(settings);
  const registry = compileRegistry('000001-fill', toRegistry(portCount));
  const nowMs = Date.now();
  for (let at = from; at < to; at += perInsert) {
    const batch = Array.from({ length: Math.min(perInsert, to - at) }, (_, n) => toStored(at + n, nowMs));
    await signals.insert(batch);
    if (at >= decidedAmong) continue;
    const decided = batch.flatMap((signal) => decide(signal, { registry, nowMs }));
    const decisions = decided.flatMap((one) => (one.kind === 'alone' ? [one.decision] : []));
    const recorded = await ledger.record(decisions);
    const triggers = recorded.flatMap(({ kind, ...outcome }) =>
      kind === 'recorded' && 'entry' in outcome && outcome.entry ? [outcome.entry.trigger] : [],
    );
    await ledger.markSent(triggers, new Date(nowMs).toISOString());
  }
}

function toStored(n: number, nowMs: number): Signal {
  const body = Buffer.from(JSON.stringify(toSeal('stored', n)));
  const decoded = decodeEvent(body, {});
  if (!decoded.ok || decoded.event.eventType === 'TriggerReceipt') throw new Error('the workload holds seals');
  const enqueuedAt = new Date(nowMs).toISOString();
  const origin = { hub: 'fill', partition: '0', sequenceNumber: String(n), offset: String(n), enqueuedAt };
  const message = toNormalizeMessage({ body, properties: {}, origin }, decoded, enqueuedAt);
  return toSignal({ ...message, event: decoded.event }, '000001-fill');
}
