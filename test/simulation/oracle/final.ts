import type { Origin } from '../../../shared/contracts/origin.js';
import type { Signal } from '../../../shared/contracts/signal.js';
import type { QuarantineRecord } from '../../../shared/contracts/quarantine-record.js';
import { type Fact } from '../scenario/events.js';
import type { World } from '../world.js';
import { contentOf, refusalOf } from './brute-force.js';
import { type History, keyOf, type TrackedEvent } from './history.js';
import { originsOf } from './observer.js';
import { checkTriggers } from './triggers.js';

/** Reasons that depend on the registry in force, which may change between two readings of the same event. */
const admissionReasons = new Set(['no-registry', 'unknown-output-port', 'producer-not-owner', 'unknown-stage']);
/** A short outage must not use up a message's attempts. */
const fewestAttempts = 20;
const everything = { limit: Number.MAX_SAFE_INTEGER };
const parkReasons = new Set(['retries-exhausted', 'invalid-stage-message']);

/** What the stores hold when everything is quiet, by the events it came from. */
export interface Left {
  readonly world: World;
  readonly history: History;
  readonly records: readonly QuarantineRecord[];
  /** Triggers with an open record that the topic refused them. */
  readonly openRefusals: ReadonlySet<string>;
  /** Reasons of quarantined records by hub position; those of parked messages apart. */
  readonly quarantined: ReadonlyMap<string, string[]>;
  readonly parked: ReadonlySet<string>;
  /** Signals whose evaluation was parked. */
  readonly parkedSignals: ReadonlySet<string>;
}

/** Compare what is left at the end with what ought to be (P1 to P5); reports every difference. */
export async function checkEnd(world: World): Promise<void> {
  const left = await collect(world);
  const signals = new Map<string, { signal: Signal; fact: Fact }>();
  for (const event of left.history.events.values()) {
    switch (event.published.kind) {
      case 'fact': {
        const found = await checkFact(event, event.published.fact, left);
        if (found) signals.set(`${found.signal.stage} ${found.signal.signalId}`, found);
        break;
      }
      case 'malformed':
        expectReasons(event, [event.published.reason], left);
        break;
      case 'receipt':
        await checkReceipt(event, left);
        break;
      default:
        event.published satisfies never;
    }
  }
  await checkTriggers([...signals.values()], left);
  checkParked(left);
}

/** P6: what nobody can read is put aside, and nothing else is given up after a few tries. */
function checkParked({ history, records }: Left): void {
  const bodies = new Set(records.map(({ bodyBase64 }) => Buffer.from(bodyBase64, 'base64').toString()));
  for (const body of history.foreign) {
    if (!bodies.has(body)) history.report('P6', `the foreign message ${body} is not in quarantine`);
  }
  for (const { reason, bodyBase64 } of records) {
    if (reason !== 'retries-exhausted') continue;
    const { attempt = 0 } = JSON.parse(Buffer.from(bodyBase64, 'base64').toString()) as { attempt?: number };
    if (attempt < fewestAttempts) history.report('P6', `a message was given up after ${attempt + 1} attempts`);
  }
}

async function collect(world: World): Promise<Left> {
  const quarantined = new Map<string, string[]>();
  const parked = new Set<string>();
  const parkedSignals = new Set<string>();
  const records = await world.stores.quarantine.list(everything);
  for (const record of records) {
    const keys = originsOf(record).map(keyOf);
    if (parkReasons.has(record.reason)) {
      for (const key of keys) parked.add(key);
      const signalId = toParkedSignal(record);
      if (signalId !== undefined) parkedSignals.add(signalId);
    } else for (const key of keys) quarantined.set(key, [...(quarantined.get(key) ?? []), record.reason]);
  }
  const open = await world.stores.quarantineDesk.list({ reason: 'trigger-refused', state: 'open' }, everything);
  const openRefusals = new Set(open.items.map(({ origin }) => origin.partition));
  return { world, history: world.history, records, openRefusals, quarantined, parked, parkedSignals };
}

function toParkedSignal(record: QuarantineRecord): string | undefined {
  const message = JSON.parse(Buffer.from(record.bodyBase64, 'base64').toString()) as { signal?: Signal } | null;
  return message?.signal?.signalId;
}

/** P1 for an event about a port: a signal, a recorded duplicate, or quarantined for the right reason, and only one. */
async function checkFact(
  event: TrackedEvent,
  fact: Fact,
  left: Left,
): Promise<{ signal: Signal; fact: Fact } | undefined> {
  const { signals } = left.world.stores;
  const found = await signals.findByEventId(fact.eventId);
  const signal = found.find(
    ({ producerDp, stage }) => producerDp === fact.producer.dataProduct && stage === fact.outputPort.stage,
  );
  const same = signal !== undefined && contentOf(JSON.parse(signal.eventJson)) === contentOf(fact);
  const outcomes: string[] = [];
  if (signal && isAt(signal.origin, event)) outcomes.push('signal');
  else if (signal && (await signals.listDuplicates(signal)).some((origin) => isAt(origin, event)))
    outcomes.push('duplicate');
  const reasons = left.quarantined.get(event.key) ?? [];
  outcomes.push(...reasons);
  if (outcomes.length === 0 && left.parked.has(event.key)) outcomes.push('parked');
  const problem = judge(outcomes, fact, { signal, same, left });
  if (problem)
    left.history.report('P1', `event ${event.key} (${fact.eventId}) ${problem}: ${outcomes.join(', ') || 'none'}`);
  return same ? { signal, fact } : undefined;
}

function judge(
  outcomes: readonly string[],
  fact: Fact,
  { signal, same, left }: { signal: Signal | undefined; same: boolean; left: Left },
): string | undefined {
  const answers = new Set([
    ...left.history.registries.map(({ document }) => refusalOf(fact, document)),
    ...(left.world.scenario.registry === undefined ? [refusalOf(fact, undefined)] : []),
  ]);
  const settled = outcomes.filter((outcome) => !admissionReasons.has(outcome));
  if (outcomes.length === 0) return 'has no outcome';
  if (settled.length > 1 || (outcomes.length > 1 && answers.size === 1)) return 'has more than one outcome';
  if (outcomes.some((outcome) => admissionReasons.has(outcome) && !answers.has(outcome))) return 'was refused wrongly';
  if (settled.some((outcome) => outcome !== 'parked') && !answers.has(undefined)) return 'should have been refused';
  if (settled.includes('event-id-conflict') && (signal === undefined || same)) return 'is no conflict';
  if ((settled.includes('signal') || settled.includes('duplicate')) && !same) return 'is a conflict';
  return undefined;
}

function isAt(origin: Origin, event: TrackedEvent): boolean {
  return keyOf(origin) === event.key;
}

function expectReasons(event: TrackedEvent, expected: readonly string[], { quarantined, history, parked }: Left): void {
  const reasons = quarantined.get(event.key) ?? [];
  if (reasons.length === 0 && parked.has(event.key)) return;
  if (reasons.join() !== expected.join()) {
    history.report(
      'P1',
      `event ${event.key} should be quarantined as ${expected.join()}, is ${reasons.join() || 'nowhere'}`,
    );
  }
}

async function checkReceipt(event: TrackedEvent, left: Left): Promise<void> {
  if (event.published.kind !== 'receipt') return;
  const { triggerId, eventId, reason } = event.published;
  if (reason !== undefined) return expectReasons(event, [reason], left);
  expectReasons(event, left.quarantined.get(event.key)?.length ? ['nothing'] : [], left);
  const receipts = await left.world.stores.ledger.listReceipts(triggerId);
  const kept = receipts.filter((receipt) => receipt.eventId === eventId).length;
  if (kept !== 1 && !left.parked.has(event.key)) left.history.report('P1', `receipt ${eventId} is kept ${kept} times`);
}
