import type { QuarantineReason } from '../../../shared/contracts/problem.js';
import type { RegistryDocument } from '../../../shared/contracts/registry.js';
import type { DetourTimes } from '../../../shared/pipeline/detours.js';
import { type EnabledFault, type FaultKind, drawnFaults } from '../model/faults.js';
import { Random } from '../model/random.js';
import { addHolds } from './holds.js';
import { drawPauses, type PlannedPause } from './pauses.js';
import { mortalReplayCalls, mortalResubmitCalls, seldomCalls } from '../use-cases.js';
import { drawEvents, type PlannedEvent } from './events.js';
import { drawRegistry } from './registry.js';
import { drawLateReplay, drawReplays, type PlannedReplay } from './replays.js';

/** One operator's apply. */
export interface PlannedApply {
  readonly atMs: number;
  readonly document: RegistryDocument;
}

/** Something done when all was quiet, long after. */
export interface Aftermath {
  readonly afterMs: number;
  readonly readAgain: boolean;
  readonly recreateHub: boolean;
  /** Events published again, by their position in the plan. */
  readonly resend: readonly number[];
  /** New events, told apart by their ids. */
  readonly events: readonly PlannedEvent[];
  readonly replay: PlannedReplay | undefined;
}

/** Everything a run depends on besides the code: plain data, so that it can be printed, cut down and played again. */
export interface Scenario {
  readonly seed: number;
  readonly faults: readonly EnabledFault[];
  /** The call at which processes die often, where that fault is on. */
  readonly mortalCall: string | undefined;
  readonly hosts: number;
  readonly partitions: number;
  readonly maxBatch: number;
  readonly chaosMs: number;
  readonly lockMs: number;
  readonly leaseMs: number;
  readonly sweepAfterMs: number;
  readonly refreshMs: number;
  readonly duplicateWindowMs: number;
  readonly maxDeliveries: number;
  /** Of stages that hand on directly; undefined where all messages take their queues. */
  readonly detours: DetourTimes | undefined;
  /** In force before the first event; undefined when the first apply comes late. */
  readonly registry: RegistryDocument | undefined;
  readonly applies: readonly PlannedApply[];
  readonly events: readonly PlannedEvent[];
  readonly replays: readonly PlannedReplay[];
  readonly pauses: readonly PlannedPause[];
  readonly aftermath: Aftermath | undefined;
}

const day = 24 * 3_600_000;

/** How likely a fault strikes where it can; rarer for those that stop whole hosts. */
const strengths = [0.01, 0.03, 0.1, 0.25];
const strong: ReadonlySet<FaultKind> = new Set([
  'trigger-refused',
  'clock-skewed',
  'drain-cut-short',
  'receipt-forged',
  'receipt-repeated',
  'operator-killed',
  'message-delayed',
]);

/** Draw a run from a seed: which faults are on and how strong, how many hosts, which events and registries. */
export function drawScenario(seed: number): Scenario {
  const random = new Random(seed, 'scenario');
  const share = random.pick([0, 0.08, 0.2, 0.4]);
  const faults = random.some(drawnFaults, share).map((kind): EnabledFault => {
    return { kind, strength: strong.has(kind) ? 0.5 : random.pick(strengths) };
  });
  const on = new Set(faults.map(({ kind }) => kind));
  const isOn = (kind: FaultKind): boolean => on.has(kind);
  const chaosMs = random.int(20_000, 120_000);
  const events = drawEvents(random, {
    count: random.int(3, 22),
    withinMs: Math.floor(chaosMs / 2),
    isOn,
    idPrefix: 'e',
  });
  const initial = drawRegistry(random);
  const drawn = {
    seed,
    faults,
    hosts: random.int(1, 4),
    partitions: random.int(1, 3),
    maxBatch: random.pick([1, 4, 16]),
    chaosMs,
    lockMs: random.pick([5_000, 30_000, 60_000]),
    leaseMs: random.pick([2_000, 30_000, 60_000]),
    sweepAfterMs: random.pick([1_000, 30_000, 60_000]),
    refreshMs: random.pick([100, 2_000, 20_000]),
    duplicateWindowMs: isOn('duplicate-window-expired') ? random.pick([1_000, 20_000]) : 600_000,
    maxDeliveries: random.pick([3, 10]),
    detours: drawDetours(seed),
    registry: isOn('registry-late') ? undefined : initial,
    applies: drawApplies(random, { initial, chaosMs, isOn }),
    events,
    aftermath: drawAftermath(random, events, { seed, isOn }),
  };
  const held = addHolds(drawn);
  const documents = toDocuments(held);
  const replays = drawReplays(drawn, documents);
  const pauses = drawPauses(drawn, documents);
  const ofSeldom = new Random(seed, 'seldom call');
  const isMortal = share > 0 && (replays.length > 0 || pauses.length > 0 || held.events !== drawn.events);
  const calls = ofSeldom.chance(0.7) ? toMortalCalls(replays) : seldomCalls;
  const mortalCall = isMortal && ofSeldom.chance(0.7) ? ofSeldom.pick(calls) : undefined;
  const killed: EnabledFault = { kind: 'killed-at-seldom-call', strength: 0.4 };
  return {
    ...drawn,
    ...held,
    faults: [...faults, ...toNeeded(replays, isOn), ...(mortalCall === undefined ? [] : [killed])],
    mortalCall,
    replays,
    pauses,
  };
}

function drawDetours(seed: number): DetourTimes | undefined {
  const random = new Random(seed, 'detours');
  if (random.chance(0.4)) return undefined;
  return { forMs: random.pick([1, 500, 10_000]), slowMs: random.pick([100, 15_000]) };
}

function toMortalCalls(replays: readonly PlannedReplay[]): readonly string[] {
  if (replays.length === 0) return seldomCalls;
  return replays.some(({ selection }) => selection.kind === 'quarantine') ? mortalResubmitCalls : mortalReplayCalls;
}

/** Faults that fill the part of the quarantine which a replay sends again, where they are not on already. */
const fillers: Partial<Record<QuarantineReason, readonly FaultKind[]>> = {
  'trigger-refused': ['trigger-refused'],
  'retries-exhausted': ['attempts-spent', 'table-throttled'],
};

function toNeeded(replays: readonly PlannedReplay[], isOn: (kind: FaultKind) => boolean): EnabledFault[] {
  const kinds = replays.flatMap(({ selection }) =>
    selection.kind === 'quarantine' && selection.reason !== undefined ? (fillers[selection.reason] ?? []) : [],
  );
  return [...new Set(kinds)].filter((kind) => !isOn(kind)).map((kind) => ({ kind, strength: 0.3 }));
}

/** Every registry of a run. */
function toDocuments({ registry, applies }: Pick<Scenario, 'registry' | 'applies'>): RegistryDocument[] {
  return [...(registry ? [registry] : []), ...applies.map(({ document }) => document)];
}

function drawApplies(
  random: Random,
  options: { initial: RegistryDocument; chaosMs: number; isOn: (kind: FaultKind) => boolean },
): PlannedApply[] {
  const { initial, chaosMs, isOn } = options;
  const applies: PlannedApply[] = [];
  if (isOn('registry-late')) applies.push({ atMs: random.int(1_000, chaosMs / 2), document: initial });
  if (isOn('registry-changed')) {
    for (let count = random.int(1, 3); count > 0; count -= 1) {
      applies.push({ atMs: random.int(0, chaosMs), document: drawRegistry(random) });
    }
  }
  if (isOn('registry-raced')) {
    const atMs = random.int(0, chaosMs);
    applies.push({ atMs, document: drawRegistry(random) }, { atMs: atMs + 1, document: drawRegistry(random) });
  }
  return applies;
}

function drawAftermath(
  random: Random,
  events: readonly PlannedEvent[],
  { seed, isOn }: { seed: number; isOn: (kind: FaultKind) => boolean },
): Aftermath | undefined {
  const afterMs = random.pick([9 * 60_000, 11 * 60_000, 7 * day + 1_000, 400 * day]);
  const readAgain = isOn('read-again-after-months');
  const recreateHub = isOn('hub-recreated');
  const resend = isOn('resent-after-months') ? random.some([...events.keys()], 0.4) : [];
  if (!readAgain && !recreateHub && resend.length === 0) return undefined;
  const fresh = drawEvents(random, { count: random.int(0, 3), withinMs: 0, isOn: () => false, idPrefix: 'later' });
  return { afterMs, readAgain, recreateHub, resend, events: fresh, replay: drawLateReplay(seed) };
}
