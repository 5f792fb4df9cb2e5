import { type Finding, type Section, toSpread } from '../report/finding.js';
import { type Latency, toDrainMs, toLatency, toRate } from './latency.js';
import { Load, type Phase } from './load.js';
import { type Platform, type Route, startPlatform } from './platform.js';
import { readUsage, type Role, roles } from './processes.js';

/** A round takes about two minutes; three of them say how far rounds lie apart. */
const mostRounds = 3;
/** Events put into the hub to see how fast they come out. */
const flooded = 12_000;
/** What is sustained begins when V8 has compiled what runs: the first six thousand events take a third longer. */
const warmUp = 6_000;
const lightPerSecond = 20;
const holdMs = 15_000;
/** A burst of ten times the base load, which is a fifth of what is sustained. */
const baseShare = 0.2;
const burstFactor = 10;
const burstMs = 3_000;
const calmMs = 3_000;

/** What the rounds of one route gave. */
interface Measured {
  readonly rates: number[];
  readonly light: Latency[];
  readonly loaded: Latency[];
  /** Time a burst took to drain against what its backlog takes at the sustained rate. */
  readonly drains: number[];
  /** Processor time per event of a flood, in microseconds. */
  readonly cpu: Readonly<Record<Role, number[]>>;
}

const nothingYet = (): Measured => ({
  rates: [],
  light: [],
  loaded: [],
  drains: [],
  cpu: { 'functions host': [], broker: [], azurite: [] },
});

/** The embedded stack against a pass-through on the same broker and store. */
export async function benchStack({ rounds }: { rounds: number }): Promise<Section> {
  const [outport, floor] = [nothingYet(), nothingYet()];
  for (let round = 0; round < Math.min(rounds, mostRounds); round += 1) await measureRound(outport, floor);
  const findings = [...toLatencyFindings(outport, floor), ...toThroughputFindings(outport, floor)];
  const about =
    'hub send to consumer receive in an open loop, latency from when an event was due; ' +
    'the pass-through receives, writes one row and sends, on the same broker and Azurite';
  return { title: 'embedded stack', about, findings };
}

/** Each round has servers of its own: what one leaves in memory, some seventy thousand events, is not the next one's. */
async function measureRound(outport: Measured, floor: Measured): Promise<void> {
  const platform = await startPlatform();
  try {
    await withLoad(platform, platform.routes['pass-through'], (load) => measureBoth(load, floor));
    await withLoad(platform, platform.routes.outport, async (load) => {
      const rate = await measureBoth(load, outport);
      outport.loaded.push(toLatency(await load.openLoop([{ perSecond: rate * 0.7, ms: holdMs }])));
      outport.drains.push(await measureBurst(load, rate));
    });
  } finally {
    await platform.stop();
  }
}

/** Start a route's app, do something with a load of it, and stop both. */
async function withLoad<T>(platform: Platform, route: Route, work: (load: Load) => Promise<T>): Promise<T> {
  const host = await platform.startApp(route);
  const load = new Load(route, platform.messaging);
  try {
    await load.openLoop([{ perSecond: 100, ms: 3_000 }]);
    await load.flood(warmUp);
    return await work(load);
  } finally {
    await load.close();
    await host.down();
  }
}

/** What is measured of both routes: light load and a flood; gives the sustained rate. */
async function measureBoth(load: Load, measured: Measured): Promise<number> {
  measured.light.push(toLatency(await load.openLoop([{ perSecond: lightPerSecond, ms: holdMs }])));
  return measureFlood(load, measured);
}

async function measureFlood(load: Load, measured: Measured): Promise<number> {
  const before = readUsage();
  const rate = toRate(await load.flood(flooded));
  const after = readUsage();
  measured.rates.push(rate);
  for (const role of roles) {
    const usedMs = (after?.[role]?.cpuMs ?? Number.NaN) - (before?.[role]?.cpuMs ?? Number.NaN);
    measured.cpu[role].push((usedMs * 1_000) / flooded);
  }
  return rate;
}

/** The backlog at the end of the burst drains at the sustained rate less what goes on coming in. */
async function measureBurst(load: Load, rate: number): Promise<number> {
  const base = rate * baseShare;
  const burst: Phase = { perSecond: base * burstFactor, ms: burstMs };
  const idealMs = ((burst.perSecond - rate) * burstMs) / (rate - base);
  const plan = [{ perSecond: base, ms: calmMs }, burst, { perSecond: base, ms: idealMs * 2 }];
  return toDrainMs(await load.openLoop(plan), { startMs: calmMs, endMs: calmMs + burstMs }) / idealMs;
}

function toLatencyFindings(outport: Measured, floor: Measured): Finding[] {
  const ms = (latencies: readonly Latency[], at: keyof Latency) => toSpread(latencies.map((latency) => latency[at]));
  const stretch = toSpread(outport.loaded.map(({ p50, p99 }) => p99 / p50));
  const light = `at ${lightPerSecond}/s`;
  return [
    { what: `p50 ${light}`, unit: 'ms', value: ms(outport.light, 'p50'), budget: { atMost: 120 } },
    { what: `p90 ${light}`, unit: 'ms', value: ms(outport.light, 'p90') },
    { what: `p99 ${light}`, unit: 'ms', value: ms(outport.light, 'p99'), budget: { atMost: 400 } },
    { what: `p99.9 ${light}`, unit: 'ms', value: ms(outport.light, 'p999') },
    { what: `pass-through p50 ${light}`, unit: 'ms', value: ms(floor.light, 'p50') },
    { what: `pass-through p99 ${light}`, unit: 'ms', value: ms(floor.light, 'p99') },
    { what: 'p50 at 70 % load', unit: 'ms', value: ms(outport.loaded, 'p50') },
    { what: 'p99 at 70 % load', unit: 'ms', value: ms(outport.loaded, 'p99') },
    { what: 'p99.9 at 70 % load', unit: 'ms', value: ms(outport.loaded, 'p999') },
    { what: 'p99 against p50 at 70 % load', unit: 'x', value: stretch, budget: { atMost: 3 } },
  ];
}

function toThroughputFindings(outport: Measured, floor: Measured): Finding[] {
  const ratios = outport.rates.map((rate, round) => rate / (floor.rates[round] ?? Number.NaN));
  return [
    { what: 'sustained', unit: 'events/s', value: toSpread(outport.rates) },
    { what: 'pass-through sustained', unit: 'events/s', value: toSpread(floor.rates) },
    { what: 'sustained against pass-through', unit: 'x', value: toSpread(ratios), budget: { atLeast: 0.5 } },
    {
      what: 'drain of a tenfold burst against ideal',
      unit: 'x',
      value: toSpread(outport.drains),
      budget: { atMost: 1.25 },
    },
    ...roles.flatMap((role): Finding[] => [
      { what: `${role}, processor time per event`, unit: 'us', value: toSpread(outport.cpu[role]) },
      { what: `${role}, the same in the pass-through`, unit: 'us', value: toSpread(floor.cpu[role]) },
    ]),
  ];
}
