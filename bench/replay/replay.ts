import { EventHubProducerClient } from '@azure/event-hubs';
import { openAdapters } from '../../shared/adapters/open-adapters.js';
import { type AdvanceDeps, advanceReplay } from '../../shared/pipeline/operators/advance-replay.js';
import { toOperatorDeps } from '../../shared/pipeline/operators/operator-deps.js';
import { startReplay } from '../../shared/pipeline/operators/replays.js';
import { type Finding, type Section, toSpread } from '../report/finding.js';
import { Arrivals } from '../stack/arrivals.js';
import { type Platform, startPlatform } from '../stack/platform.js';
import { toSeal } from '../workload.js';

const events = 5_000;
const eventsPerSend = 100;
/** The most a replay may be asked for. */
const ratePerSecond = 10_000;

interface Measured {
  readonly live: number[];
  readonly replayed: number[];
  readonly forced: number[];
  readonly forcedArrived: number[];
}

/** The same events live, then replayed under the ledger (nothing is sent), then replayed by force (all are sent). */
export async function benchReplay({ rounds }: { rounds: number }): Promise<Section> {
  const measured: Measured = { live: [], replayed: [], forced: [], forcedArrived: [] };
  for (let round = 0; round < rounds; round += 1) await measureRound(measured);
  const against = (rates: readonly number[]) =>
    toSpread(rates.map((rate, round) => rate / (measured.live[round] ?? Number.NaN)));
  const rate = (what: string, rates: readonly number[]): Finding => ({
    what,
    unit: 'events/s',
    value: toSpread(rates),
  });
  return {
    title: 'replay',
    about: `${events} seals of one port through the embedded stack, then replays of them by one runner; empty tables at the start of a round`,
    findings: [
      rate('live, hub to consumer', measured.live),
      rate('replay under the ledger, nothing sent', measured.replayed),
      rate('forced replay, handed to dispatch', measured.forced),
      rate('forced replay, received by the consumer', measured.forcedArrived),
      {
        what: 'replay under the ledger against live',
        unit: 'x',
        value: against(measured.replayed),
        budget: { atLeast: 5 },
      },
      { what: 'forced replay, received, against live', unit: 'x', value: against(measured.forcedArrived) },
    ],
  };
}

async function measureRound({ live, replayed, forced, forcedArrived }: Measured): Promise<void> {
  const platform = await startPlatform();
  const host = await platform.startApp(platform.routes.outport);
  const arrivals = new Arrivals(platform.routes.outport, platform.messaging);
  const { deps, close } = openReplays(platform);
  try {
    await sendAndTake(platform, arrivals, { run: 'warm', count: events / 10 });
    live.push((events * 1_000) / (await sendAndTake(platform, arrivals, { run: 'live', count: events })));
    // This process has decided nothing yet, while the functions host is warm from live events.
    await replay('warm-up', false, deps);
    replayed.push(await replay('again', false, deps));
    const startMs = performance.now();
    forced.push(await replay('forced', true, deps));
    const ids = [...toEventIds('warm', events / 10), ...toEventIds('live', events)];
    await arrivals.take(ids);
    forcedArrived.push((ids.length * 1_000) / (performance.now() - startMs));
  } finally {
    await arrivals.close();
    await close();
    await host.down();
    await platform.stop();
  }
}

function openReplays({ settings }: Platform): { deps: AdvanceDeps; close: () => Promise<void> } {
  const adapters = openAdapters(settings);
  const options = {
    stages: settings.stages,
    clock: { nowMs: () => Date.now() },
    refreshMs: settings.registryRefreshMs,
  };
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const deps = { ...toOperatorDeps(adapters, options), queues: adapters.queues, publisher: adapters.publisher, wait };
  return { deps, close: () => adapters.close() };
}

const toEventIds = (run: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${run}-${n}`);

/** Send seals of one port and wait for their triggers. @returns milliseconds from the first send to the last receipt */
async function sendAndTake(
  { messaging, routes }: Platform,
  arrivals: Arrivals,
  { run, count }: { run: string; count: number },
): Promise<number> {
  const producer = new EventHubProducerClient(messaging, routes.outport.hub);
  const startMs = performance.now();
  // A watermark of its own each: the warm-up's begin after the others' end.
  const first = run === 'warm' ? events : 0;
  const seals = Array.from({ length: count }, (_, n) => ({ ...toSeal(run, first + n, 1), eventId: `${run}-${n}` }));
  for (let from = 0; from < count; from += eventsPerSend) {
    const part = seals.slice(from, from + eventsPerSend);
    await producer.sendBatch(part.map((seal) => ({ body: Buffer.from(JSON.stringify(seal)) })));
  }
  const arrivedMs = await arrivals.take(toEventIds(run, count));
  await producer.close();
  return Math.max(...arrivedMs) - startMs;
}

/** Replay everything of the port. @returns signals per second */
async function replay(name: string, force: boolean, deps: AdvanceDeps): Promise<number> {
  const port = toSeal('any', 0, 1).outputPort.key;
  const request = {
    name,
    selection: { kind: 'port' as const, port, stage: 'prod' },
    reason: 'bench',
    ratePerSecond,
    dryRun: false,
  };
  const started = await startReplay(request, { actor: 'bench', force }, deps);
  if (!started.ok) throw new Error(`the replay was refused: ${JSON.stringify(started)}`);
  const startMs = performance.now();
  const job = await advanceReplay(name, { isOver: () => false }, deps);
  const tookMs = performance.now() - startMs;
  const { done = 0, fired = 0, firedBefore = 0 } = job?.counts ?? {};
  if (done !== events * 1.1 || (force ? fired : firedBefore) !== done) {
    throw new Error(`the replay ended as ${JSON.stringify(job)}`);
  }
  return (done * 1_000) / tookMs;
}
