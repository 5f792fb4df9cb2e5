import type { ErrandDeps } from './model/errand.js';
import type { Family } from './model/faults.js';
import { Operator } from './model/operator.js';
import { PausingOperator } from './model/pausing-operator.js';
import { Random } from './model/random.js';
import { ReplayOperator } from './model/replay-operator.js';
import { checkEnd } from './oracle/final.js';
import type { History, Violation } from './oracle/history.js';
import type { PlannedPause } from './scenario/pauses.js';
import type { PlannedReplay } from './scenario/replays.js';
import type { Scenario } from './scenario/scenario.js';
import { World } from './world.js';

/** What a run showed. */
export interface RunResult {
  readonly violations: readonly Violation[];
  /** Equal for two runs exactly when the same things happened at the same times. */
  readonly traceHash: string;
  readonly trace: readonly string[];
  /** How often each fault struck, each crash point was hit, each port was called. */
  readonly faults: ReadonlyMap<string, number>;
  readonly crashPoints: ReadonlyMap<string, number>;
  readonly calls: ReadonlyMap<string, number>;
}

const hour = 3_600_000;
/** Windows open once a day, and what a rate keeps back leaves sweep by sweep: three of them, and a night. */
const windowMs = 84 * hour;
/** Within this much virtual time after the last fault everything must be quiet. */
const quietWithinMs = 3 * hour;
/** A clock may have been wrong by so much when it wrote a lease or a time to come back. */
const maxSkewMs = 26 * hour;

/** Whatever is not done this long after the last fault waits for a clock that was wrong. */
const calmAfterMs = hour / 2;

/** Play one scenario: chaos, then heal, then possibly an aftermath; safety at every step, liveness at the end. */
export async function simulate(scenario: Scenario, options = { keepTrace: false }): Promise<RunResult> {
  const world = new World(scenario, options);
  const { loop, history } = world;
  try {
    await play(world);
  } catch (error) {
    history.report('crash', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  return {
    violations: history.violations,
    traceHash: loop.traceHash,
    trace: loop.trace ?? [],
    faults: world.faults.struck,
    crashPoints: world.network.crashPoints,
    calls: world.network.calls,
  };
}

async function play(world: World): Promise<void> {
  const { scenario, loop, cluster, faults, history } = world;
  if (scenario.registry !== undefined) await putInForce(world, scenario.registry);
  const operators: { readonly done: boolean }[] = [
    ...scheduleApplies(world),
    ...scenario.replays.flatMap((replay) => scheduleReplay(world, replay)),
    ...scenario.pauses.map((pause, number) => schedulePause(world, pause, number)),
  ];
  for (const planned of scenario.events) loop.after(planned.atMs, () => world.publish(planned));
  cluster.start(scenario.hosts);
  scheduleChaos(world);
  const broken = (): boolean => history.violations.length > 0;
  await loop.run(broken, loop.nowMs + scenario.chaosMs);
  faults.heal();
  world.network.out.clear();
  for (const host of cluster.hosts) host.skewMs = 0;
  const published = (): boolean => history.events.size >= scenario.events.length;
  const quiet = (): boolean => published() && operators.every(({ done }) => done) && world.isQuiet;
  if (!(await settle(world, quiet))) return;
  if (scenario.aftermath !== undefined && !broken()) {
    operators.push(...startAftermath(world, scenario.aftermath));
    if (!(await settle(world, quiet))) return;
  }
  await checkEnd(world);
}

/** Run until quiet, sending dead letters again as an operator would; `false` when something is wrong already. */
async function settle(world: World, quiet: () => boolean): Promise<boolean> {
  const { loop, history, queues, faults } = world;
  const skewed =
    faults.struck.has('clock-skewed') ||
    faults.struck.has('clock-stepped-forward') ||
    faults.struck.has('clock-stepped-back');
  const deadlineMs =
    loop.nowMs + quietWithinMs + (skewed ? maxSkewMs : 0) + (hasWindows(world.scenario) ? windowMs : 0);
  const redrive = (): void => {
    for (const queue of queues.values()) queue.redrive();
    loop.every(60_000, redrive);
  };
  loop.calmFromMs = loop.nowMs + calmAfterMs;
  redrive();
  const done = (): boolean => history.violations.length > 0 || quiet();
  if (!(await loop.run(done, deadlineMs))) history.report('quiet', describeUnrest(world));
  return history.violations.length === 0;
}

function hasWindows({ registry, applies }: Scenario): boolean {
  const documents = [registry, ...applies.map(({ document }) => document)];
  return documents.some((document) => document?.subscriptions.some(({ windows }) => windows !== undefined));
}

function describeUnrest(world: World): string {
  const queues = [...world.queues.values()].map(({ name, isEmpty }) => `${name} ${isEmpty ? 'empty' : 'not empty'}`);
  const hub = world.hub.partitions.map(({ checkpoint, records }) => `${checkpoint}/${records.length}`);
  return `not quiet in time: hub ${hub.join(' ')}; ${queues.join(', ')}; unsent ${world.observer.open.ids().join() || 'none'}${world.observer.replays.areOver ? '' : '; a replay runs'}`;
}

async function putInForce(world: World, document: NonNullable<Scenario['registry']>): Promise<void> {
  const { stores, topic, history, loop } = world;
  for (const { consumer } of document.subscriptions) await topic.ensure(consumer);
  const version = '000001-000000000000';
  const request = {
    version,
    document,
    expected: undefined,
    appliedAt: new Date(loop.nowMs).toISOString(),
    appliedBy: 'setup',
  };
  await stores.registryStore.publish(request);
  history.registries.push({ version, document, fromMs: loop.nowMs, by: 0 });
}

/** What everybody who does something from outside the hosts works with, drawing from a stream of their own. */
function toErrandDeps(
  { scenario, loop, faults, cluster, history }: World,
  id: string,
): ErrandDeps & { history: History } {
  const { nextInvocation } = cluster;
  return { loop, faults, history, nextInvocation, random: new Random(scenario.seed, id) };
}

function scheduleApplies(world: World): Operator[] {
  const { scenario, loop, faults, wiring } = world;
  return scenario.applies.map(({ atMs, document }, number) => {
    const errand = toErrandDeps(world, `operator ${number}`);
    const deps = { ...errand, depsFor: wiring.applyDepsFor.bind(wiring) };
    const operator = new Operator(`operator-${number}`, document, deps);
    loop.after(atMs, () => operator.start());
    for (const kind of ['registry-late', 'registry-changed', 'registry-raced'] as const) {
      if (faults.isOn(kind)) faults.count(kind);
    }
    return operator;
  });
}

function scheduleReplay(world: World, plan: PlannedReplay): ReplayOperator[] {
  const { loop, observer, wiring } = world;
  return Array.from({ length: plan.starters }, (_, number) => {
    const id = `replayer-${plan.name}-${number}`;
    const { whenRead } = observer.replays;
    const deps = { ...toErrandDeps(world, id), whenRead, depsFor: wiring.replayDepsFor.bind(wiring) };
    const own = number === 0 ? plan : { ...plan, cancel: undefined };
    const operator = new ReplayOperator(id, own, deps);
    loop.after(plan.atMs, () => operator.start());
    return operator;
  });
}

function schedulePause(world: World, plan: PlannedPause, number: number): PausingOperator {
  const { loop, wiring } = world;
  const id = `pauser-${number}`;
  const deps = { ...toErrandDeps(world, id), depsFor: wiring.controlDepsFor.bind(wiring) };
  const operator = new PausingOperator(id, plan, deps);
  loop.after(plan.atMs, () => operator.start());
  return operator;
}

const families: readonly Family[] = ['table', 'quarantine', 'registry', 'queue', 'topic'];

/** Faults that happen to hosts and to the hub at any time, and outages that begin and end. */
function scheduleChaos(world: World): void {
  const { loop, faults, cluster, hub, network, scenario } = world;
  const random = new Random(scenario.seed, 'chaos');
  const endsAtMs = loop.nowMs + scenario.chaosMs;
  const tick = (): void => {
    if (loop.nowMs >= endsAtMs) return;
    loop.after(random.int(1_000, 6_000), tick);
    const { living } = cluster;
    const host = living.length > 0 ? random.pick(living) : undefined;
    if (host && faults.strikes('host-killed')) host.kill('killed');
    if (host && faults.strikes('host-stalled')) host.stall(random.int(1_000, 100_000));
    if (host && cluster.wanted > 1 && !host.draining && faults.strikes('host-drained')) cluster.drain(host);
    if (cluster.wanted < 5 && faults.strikes('host-added')) cluster.scaleOut();
    if (faults.strikes('all-restarted')) for (const each of living) each.kill('restarted');
    if (host && faults.strikes('clock-stepped-back')) host.stepClock(-random.int(1_000, 3 * hour));
    if (host && faults.strikes('clock-stepped-forward')) host.stepClock(random.int(1_000, 3 * hour));
    if (faults.strikes('foreign-message')) putForeignMessage(world, random);
    if (faults.strikes('hub-rewound')) hub.rewind(({ checkpoint }) => random.int(0, checkpoint));
  };
  loop.after(random.int(100, 3_000), tick);
  for (const family of families) {
    if (!faults.isOn(`${family}-outage`)) continue;
    const fromMs = random.int(0, scenario.chaosMs);
    loop.after(fromMs, () => network.out.add(family));
    loop.after(fromMs + random.int(5_000, 90_000), () => network.out.delete(family));
  }
}

function putForeignMessage({ history, queues }: World, random: Random): void {
  const body = JSON.stringify({ kind: 'nonsense', number: history.foreign.length });
  history.foreign.push(body);
  random.pick([...queues.values()]).send(body);
}

function startAftermath(world: World, aftermath: NonNullable<Scenario['aftermath']>): ReplayOperator[] {
  const { loop, hub, faults, observer, scenario } = world;
  observer.settle();
  loop.leap(aftermath.afterMs);
  loop.note(`${aftermath.afterMs} ms later`);
  if (aftermath.recreateHub) hub.recreate();
  if (aftermath.readAgain) hub.rewind(() => 0);
  if (aftermath.recreateHub) faults.count('hub-recreated');
  if (aftermath.readAgain) faults.count('read-again-after-months');
  if (aftermath.resend.length > 0) faults.count('resent-after-months');
  for (const index of aftermath.resend) {
    const planned = scenario.events[index];
    if (planned) world.publish(planned);
  }
  for (const planned of aftermath.events) world.publish(planned);
  if (aftermath.replay === undefined) return [];
  faults.count('replay-after-months');
  return scheduleReplay(world, aftermath.replay);
}
