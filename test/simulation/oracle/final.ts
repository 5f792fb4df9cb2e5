import type { Origin } from '../../../shared/contracts/origin.js';
import type { Signal } from '../../../shared/contracts/signal.js';
import type { Verdict } from '../../../shared/contracts/verdict.js';
import { gateNames } from '../../../shared/contracts/verdict.js';
import type { QuarantineRecord } from '../../../shared/contracts/quarantine-record.js';
import { type Fact } from '../scenario/events.js';
import { stages } from '../scenario/registry.js';
import type { World } from '../world.js';
import { contentOf, matches, refusalOf, vectorOf } from './brute-force.js';
import { type History, keyOf, type TrackedEvent } from './history.js';
import { originsOf } from './observer.js';

/** Reasons that depend on the registry in force, which may change between two readings of the same event. */
const admissionReasons = new Set(['no-registry', 'unknown-output-port', 'producer-not-owner', 'unknown-stage']);
/** A short outage must not use up a message's attempts. */
const fewestAttempts = 20;
const parkReasons = new Set(['retries-exhausted', 'invalid-stage-message']);

/** What the stores hold when everything is quiet, by the events it came from. */
interface Left {
  readonly world: World;
  readonly history: History;
  readonly records: readonly QuarantineRecord[];
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
  const records = await world.stores.quarantine.list({ limit: Number.MAX_SAFE_INTEGER });
  for (const record of records) {
    const keys = originsOf(record).map(keyOf);
    if (parkReasons.has(record.reason)) {
      for (const key of keys) parked.add(key);
      const signalId = toParkedSignal(record);
      if (signalId !== undefined) parkedSignals.add(signalId);
    } else for (const key of keys) quarantined.set(key, [...(quarantined.get(key) ?? []), record.reason]);
  }
  return { world, history: world.history, records, quarantined, parked, parkedSignals };
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

/** P2 to P5: verdicts are what the rules say, each vector has one trigger, each trigger reached its consumer. */
async function checkTriggers(signals: readonly { signal: Signal; fact: Fact }[], left: Left): Promise<void> {
  const { world, history } = left;
  const expected = new Map<string, Verdict[]>();
  for (const { signal, fact } of signals) {
    const verdicts = await world.stores.ledger.listVerdicts({ stages, signalId: signal.signalId });
    const own = verdicts.filter(({ stage }) => stage === signal.stage);
    checkComplete(signal, own, left);
    for (const verdict of own) {
      checkVerdict(verdict, { signal, fact }, history);
      if (verdict.outcome !== 'matched' && verdict.outcome !== 'same-vector') continue;
      const vector = vectorOf(fact, verdict.subscription);
      expected.set(vector, [...(expected.get(vector) ?? []), verdict]);
    }
  }
  const ids = new Set<string>();
  for (const [vector, verdicts] of expected) await checkVector(vector, verdicts, { left, ids });
  for (const triggerId of world.consumers.effects.keys()) {
    if (!ids.has(triggerId)) history.report('P3', `${triggerId} had an effect that nothing asked for`);
  }
}

/** P5: some version that was in force has a verdict for every one of its subscriptions. */
function checkComplete(signal: Signal, verdicts: readonly Verdict[], { world, history, parkedSignals }: Left): void {
  if (parkedSignals.has(signal.signalId) || world.observer.overtaken.has(signal.signalId)) return;
  const decided = new Set(verdicts.map(({ subscription }) => subscription));
  const complete = history.registries.some(({ document }) =>
    document.subscriptions.every(({ key, port }) => port !== signal.outputPortKey || decided.has(key)),
  );
  if (!complete)
    history.report('P5', `signal ${signal.eventId} lacks verdicts; it has ${[...decided].join() || 'none'}`);
}

function checkVerdict(verdict: Verdict, { signal, fact }: { signal: Signal; fact: Fact }, history: History): void {
  const registry = history.document(verdict.registryVersion);
  const subscription = registry?.subscriptions.find(({ key }) => key === verdict.subscription);
  const name = `verdict of ${verdict.subscription} on ${fact.eventId}`;
  if (registry === undefined || subscription === undefined) {
    return history.report('P3', `${name} names a registry that has no such subscription`);
  }
  const matched = matches(fact, subscription, { registry, receivedAtMs: Date.parse(signal.receivedAt) });
  const fired = verdict.outcome === 'matched' || verdict.outcome === 'same-vector';
  if (matched !== fired)
    history.report(
      'P3',
      `${name} is ${verdict.outcome}, the rules say ${matched ? 'yes' : 'no'}: ${JSON.stringify({ fact, subscription, receivedAt: signal.receivedAt })}`,
    );
  if (fired && (subscription.stage !== fact.outputPort.stage || verdict.stage !== subscription.stage)) {
    history.report('P4', `${name} fired across stages`);
  }
  if (verdict.gates.length !== gateNames.length) history.report('P5', `${name} lacks answers`);
  if (verdict.consumer !== subscription.consumer) history.report('P3', `${name} is for ${verdict.consumer}`);
}

async function checkVector(
  vector: string,
  verdicts: readonly Verdict[],
  { left, ids }: { left: Left; ids: Set<string> },
): Promise<void> {
  const { world, history } = left;
  const [first, ...more] = verdicts.filter(({ outcome }) => outcome === 'matched');
  if (first === undefined) return history.report('P2', `vector ${vector} has no matched verdict`);
  if (more.length > 0) history.report('P2', `vector ${vector} matched ${more.length + 1} times`);
  const { triggerId = '' } = first;
  if (ids.has(triggerId)) history.report('P2', `vector ${vector} shares ${triggerId} with another`);
  ids.add(triggerId);
  for (const { outcome, firstEventId } of verdicts) {
    if (outcome === 'same-vector' && firstEventId !== first.eventId) {
      history.report('P5', `a repetition of ${vector} names ${firstEventId}, not ${first.eventId}`);
    }
  }
  const entry = await world.stores.ledger.get(triggerId);
  if (world.topic.refused.has(triggerId)) return checkRefused(triggerId, entry?.state, left);
  if (entry?.state !== 'sent')
    history.report('P2', `trigger ${triggerId} of ${vector} is ${entry?.state ?? 'not there'}`);
  if (!world.consumers.effects.has(triggerId) && !world.topic.unrouted.has(triggerId)) {
    history.report('P2', `trigger ${triggerId} of ${vector} had no effect`);
  }
}

/** What the topic refuses for good waits in quarantine and is never called sent. */
function checkRefused(triggerId: string, state: string | undefined, { history, records }: Left): void {
  if (state === 'sent') history.report('P2', `trigger ${triggerId} was refused and is called sent`);
  const kept = records.some(({ reason, origin }) => reason === 'trigger-refused' && origin.partition === triggerId);
  if (!kept) history.report('P1', `trigger ${triggerId} was refused and is not in quarantine`);
}
