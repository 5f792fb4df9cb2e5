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
import { readUsage } from '../stack/processes.js';
import { portCount, toRegistry, toSeal } from '../workload.js';

/** Signals stored before each measurement; each with its verdict and sent trigger: eleven rows. */
const sizes = [0, 20_000, 100_000] as const;
const flooded = 1_000;
const perInsert = 500;

interface Sample {
  readonly stored: number;
  readonly rates: number[];
  readonly azuriteUs: number[];
}

/** The live rate on tables that already hold signals, against the rate on empty ones. */
export async function benchGrowth({ rounds }: { rounds: number }): Promise<Section> {
  const platform = await startPlatform();
  const host = await platform.startApp(platform.routes.outport);
  const load = new Load(platform.routes.outport, platform.messaging);
  try {
    await load.flood(flooded);
    const samples: Sample[] = [];
    let stored = 0;
    for (const size of sizes) {
      await fill(platform, stored, size);
      stored = size;
      samples.push(await measureSize(load, { size, rounds }));
    }
    return toSection(samples);
  } finally {
    await load.close();
    await host.down();
    await platform.stop();
  }
}

async function measureSize(load: Load, { size, rounds }: { size: number; rounds: number }): Promise<Sample> {
  const sample: Sample = { stored: size, rates: [], azuriteUs: [] };
  for (let round = 0; round < rounds; round += 1) {
    const before = readUsage()?.azurite?.cpuMs ?? Number.NaN;
    sample.rates.push(toRate(await load.flood(flooded)));
    const cpuMs = (readUsage()?.azurite?.cpuMs ?? Number.NaN) - before;
    sample.azuriteUs.push((cpuMs * 1_000) / flooded);
  }
  return sample;
}

function toSection(samples: readonly Sample[]): Section {
  const empty = toSpread(samples[0]?.rates ?? []).median;
  const findings = samples.flatMap(({ stored, rates, azuriteUs }, index): Finding[] => [
    { what: `${toCount(stored)} stored: live`, unit: 'events/s', value: toSpread(rates) },
    { what: `${toCount(stored)} stored: Azurite's processor time per event`, unit: 'us', value: toSpread(azuriteUs) },
    ...(index === 0
      ? []
      : [
          {
            what: `${toCount(stored)} stored against none`,
            unit: 'x' as const,
            value: toSpread(rates.map((rate) => rate / empty)),
            budget: { atLeast: 0.95 },
          },
        ]),
  ]);
  const about =
    'live rate of the embedded stack on tables that hold signals with their verdicts and sent triggers; ' +
    'a million would take Azurite half an hour and 20 GB to hold, so the curve ends sooner';
  return { title: 'growth', about, findings };
}

const toCount = (count: number): string => count.toLocaleString('en-US');

/** Store signals with verdict and sent trigger by the adapters themselves, as `evaluate` and `dispatch` would. */
async function fill({ settings }: Platform, from: number, to: number): Promise<void> {
  const { signals, ledger } = openStores(settings);
  const registry = compileRegistry('000001-fill', toRegistry(portCount));
  const nowMs = Date.now();
  for (let at = from; at < to; at += perInsert) {
    const batch = Array.from({ length: Math.min(perInsert, to - at) }, (_, n) => toStored(at + n, nowMs));
    await signals.insert(batch);
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
