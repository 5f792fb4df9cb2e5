import type { Signal } from '../../../shared/contracts/signal.js';
import type { SubscriptionEntry } from '../../../shared/contracts/registry.js';
import type { Verdict } from '../../../shared/contracts/verdict.js';
import type { LedgerEntry } from '../../../shared/ports/ledger.js';
import type { Fact } from '../scenario/events.js';
import { stages } from '../scenario/registry.js';
import { type Answer, answerOf, breaksContract, retracts, vectorOf } from './brute-force.js';
import type { Left } from './final.js';
import { keyOf } from './history.js';
import { waitsForPeople } from './open-triggers.js';
import { checkReplays } from './replays.js';

/** A stored signal with the event it came from. */
export interface Stored {
  readonly signal: Signal;
  readonly fact: Fact;
}

export type Judged = Stored & { readonly verdict: Verdict };

/** P2 to P5: verdicts are what the rules say, each vector has one trigger, each trigger reached its consumer. */
export async function checkTriggers(stored: readonly Stored[], left: Left): Promise<void> {
  const { world, history } = left;
  const judged: Judged[] = [];
  for (const { signal, fact } of stored) {
    const verdicts = await world.stores.ledger.listVerdicts({ stages, signalId: signal.signalId });
    checkComplete(signal, verdicts, left);
    judged.push(...verdicts.map((verdict) => ({ signal, fact, verdict })));
  }
  const facts = stored.map(({ fact }) => fact);
  for (const each of judged) checkVerdict(each, facts, left);
  const ids = await checkVectors(judged, facts, left);
  await checkSets(judged, facts, { left, ids });
  for (const { verdict } of judged) {
    if (verdict.outcome === 'retracted' && verdict.triggerId !== undefined) {
      ids.add(verdict.triggerId);
      await checkArrived(verdict.triggerId, left);
    }
  }
  for (const triggerId of world.consumers.effects.keys()) {
    if (!ids.has(triggerId)) history.report('P3', `${triggerId} had an effect that nothing asked for`);
  }
  await checkRevoked(judged, left);
  checkReplays(judged, left);
}

/** P5: some version that was in force has a verdict for every one of its subscriptions. */
function checkComplete(
  signal: Signal,
  verdicts: readonly Verdict[],
  { world, history, parked, parkedSignals }: Left,
): void {
  if (parkedSignals.has(signal.signalId) || parked.has(keyOf(signal.origin))) return;
  if (world.observer.overtaken.has(signal.signalId)) return;
  const live = verdicts.filter(({ replay }) => replay === undefined);
  const decided = new Set(live.map(({ subscription }) => subscription));
  const takesBack = signal.eventType === 'OutputPortSnapshotRetracted';
  const complete = history.registries.some(({ document }) =>
    document.subscriptions
      .filter(
        (entry) => listPorts(entry).includes(signal.outputPortKey) && (!takesBack || entry.stage === signal.stage),
      )
      .every(({ key }) => decided.has(key)),
  );
  if (complete) return;
  history.report('P5', `signal ${signal.eventId} lacks verdicts; it has ${[...decided].join() || 'none'}`);
}

export function listPorts({ port, inputs }: SubscriptionEntry): string[] {
  return inputs === undefined ? [port ?? ''] : Object.values(inputs).map((input) => input.port);
}

/** One input of a subscription, as the rules see it. */
function toSingle(entry: SubscriptionEntry, input: string | undefined): SubscriptionEntry {
  const own = entry.inputs?.[input ?? ''];
  if (own === undefined) return entry;
  return { ...entry, port: own.port, versions: own.versions, minimumQuality: own.minimumQuality };
}

/** P3 to P5 for one verdict: what it says is what the rules say, under the registry it names. */
function checkVerdict({ verdict, signal, fact }: Judged, all: readonly Fact[], left: Left): void {
  const { history, world } = left;
  const registry = history.document(verdict.registryVersion);
  const subscription = registry?.subscriptions.find(({ key }) => key === verdict.subscription);
  const name = `verdict of ${verdict.subscription} on ${fact.eventId}`;
  if (registry === undefined || subscription === undefined) {
    return history.report('P3', `${name} names a registry that has no such subscription`);
  }
  const single = toSingle(subscription, verdict.input);
  const answer = answerOf(fact, single, { registry, receivedAtMs: Date.parse(signal.receivedAt) });
  const answers = withHoldsOfNow(answer, { verdict, fact }, left);
  const allowed = [
    ...new Set(answers.flatMap((each) => toOutcomes(each, fact, all))),
    ...(answers.includes('yes') && world.observer.holds.wasPaused(verdict) ? ['held'] : []),
    ...(subscription.inputs !== undefined && answer !== 'no' ? ['waiting', 'absorbed', 'held', 'matched'] : []),
    // A set that a retracted snapshot of its other port completes does not fire.
    ...(subscription.inputs !== undefined && all.some(isRetraction) ? ['not-matched'] : []),
  ];
  if (!allowed.includes(verdict.outcome)) {
    const details = JSON.stringify({ fact, subscription, receivedAt: signal.receivedAt });
    history.report('P3', `${name} is ${verdict.outcome}, the rules say ${allowed.join(' or ')}: ${details}`);
  }
  if (isFiring(verdict) && (subscription.stage !== fact.outputPort.stage || verdict.stage !== subscription.stage)) {
    history.report('P4', `${name} fired across stages`);
  }
  if (verdict.gates.length === 0) history.report('P5', `${name} lacks answers`);
  if (verdict.consumer !== subscription.consumer) history.report('P3', `${name} is for ${verdict.consumer}`);
}

/**
 * The answer with the contracts that count. Elsewhere these are of the registry a verdict names. A forced replay repeats
 * the gates' answers of then and names their registry, but asks anew what holds: a hold ends with its cause, and the first
 * trigger may have left for the same reason. So its trigger is held by a contract of any version that an instance could
 * know while the replay ran, and by none of an older one.
 */
function withHoldsOfNow(
  answer: Answer,
  { verdict: { replay: name = '' }, fact }: Pick<Judged, 'verdict' | 'fact'>,
  { history, world }: Left,
): Answer[] {
  const replay = world.observer.replays.replays.get(name);
  if (answer === 'no' || replay?.job.force !== true) return [answer];
  return history.registries
    .filter(({ version }) => history.mayBeHeld(version, replay.startedAtMs, world.scenario))
    .map(({ document }) => (breaksContract(fact, document) ? 'held' : 'yes'));
}

/** What a verdict may say; retractions and announcements count from the moment they are decided on. */
function toOutcomes(answer: Answer, fact: Fact, all: readonly Fact[]): string[] {
  if (fact.eventType === 'OutputPortSnapshotRetracted') return ['retracted', 'same-vector'];
  const announced = all.some((other) => announces(other, fact));
  if (answer === 'no') return announced ? ['not-matched', 'shadow'] : ['not-matched'];
  const takenBack = all.some((other) => retracts(other, fact));
  return [answer === 'yes' ? 'matched' : 'held', 'same-vector', ...(takenBack ? ['not-matched'] : [])];
}

export function isRetraction({ eventType }: Fact): boolean {
  return eventType === 'OutputPortSnapshotRetracted';
}

function announces(other: Fact, { outputPort }: Fact): boolean {
  const { key, stage, version } = other.outputPort;
  const major = version.split('.')[0] === outputPort.version.split('.')[0];
  return (
    other.eventType === 'OutputPortContractBreaking' && key === outputPort.key && stage === outputPort.stage && major
  );
}

export function isFiring({ outcome }: Verdict): boolean {
  return outcome === 'matched' || outcome === 'held' || outcome === 'same-vector';
}

/** P2: each vector that fires has one verdict that made its one trigger, and all others name it. */
async function checkVectors(judged: readonly Judged[], facts: readonly Fact[], left: Left): Promise<Set<string>> {
  const { history } = left;
  const byVector = new Map<string, Judged[]>();
  for (const each of judged) {
    if (!isFiring(each.verdict) || each.fact.eventType !== 'OutputPortSnapshotSealed') continue;
    if (each.verdict.set !== undefined) continue;
    const vector = vectorOf(each.fact, each.verdict.subscription) + toForcedName(each.verdict, left);
    byVector.set(vector, [...(byVector.get(vector) ?? []), each]);
  }
  const ids = new Set<string>();
  for (const [vector, each] of byVector) {
    const verdicts = each.map(({ verdict }) => verdict);
    const [first, ...more] = verdicts.filter(({ outcome }) => outcome !== 'same-vector');
    if (first === undefined) {
      history.report('P2', `vector ${vector} has no matched verdict`);
      continue;
    }
    if (more.length > 0) history.report('P2', `vector ${vector} matched ${more.length + 1} times`);
    const { triggerId = '' } = first;
    if (ids.has(triggerId)) history.report('P2', `vector ${vector} shares ${triggerId} with another`);
    ids.add(triggerId);
    const wrong = verdicts.find(
      ({ outcome, firstEventId }) => outcome === 'same-vector' && firstEventId !== first.eventId,
    );
    if (wrong) history.report('P5', `a repetition of ${vector} names ${wrong.firstEventId}, not ${first.eventId}`);
    const takenBack = facts.some((fact) => each.some((one) => retracts(fact, one.fact)));
    await checkArrived(triggerId, left, { vector, takenBack });
  }
  return ids;
}

/** A forced replay fires a vector anew; one without force is one more evaluation of the same vector. */
function toForcedName({ replay }: Verdict, { world }: Left): string {
  return replay !== undefined && world.observer.replays.isForced(replay) ? ` for ${replay}` : '';
}

/** Watermarks are equal when they stand for the same moment; opaque ones when they are the same text. */
function toTime(watermark: string): string {
  return watermark.startsWith('batch') ? watermark : new Date(watermark).toISOString();
}

/** P2 and P3 for sets: a trigger has every input, all with the set's watermark, and no two have the same vector. */
async function checkSets(
  judged: readonly Judged[],
  facts: readonly Fact[],
  { left, ids }: { left: Left; ids: Set<string> },
): Promise<void> {
  const vectors = new Set<string>();
  for (const { verdict } of judged) {
    if (verdict.set === undefined || verdict.triggerId === undefined || !isFiring(verdict)) continue;
    if (verdict.outcome === 'same-vector') continue;
    const entry = await left.world.stores.ledger.get(verdict.triggerId);
    const inputs = entry?.trigger.inputs ?? [];
    const ports = new Set(inputs.map(({ outputPort }) => outputPort.key));
    const watermarks = new Set(inputs.map(({ snapshot }) => toTime(snapshot.watermark)));
    if (ports.size !== 2 || watermarks.size !== 1) {
      left.history.report('P3', `${verdict.triggerId} fired for ${[...ports].join()} at ${[...watermarks].join()}`);
    }
    const vector = [verdict.subscription, ...inputs.map(({ signalId }) => signalId).sort()].join();
    if (verdict.replay !== undefined && left.world.observer.replays.isForced(verdict.replay)) {
      ids.add(verdict.triggerId);
      await checkArrived(verdict.triggerId, left, { vector, takenBack: facts.some(isRetraction) });
      continue;
    }
    if (vectors.has(vector)) left.history.report('P2', `the set of ${verdict.triggerId} fired twice`);
    vectors.add(vector);
    ids.add(verdict.triggerId);
    const takenBack = facts.some(isRetraction);
    await checkArrived(verdict.triggerId, left, { vector, takenBack });
  }
}

/** The trigger was sent and its consumer ran for it, unless there is a reason on record. */
async function checkArrived(
  triggerId: string,
  left: Left,
  { vector, takenBack } = { vector: 'a retraction', takenBack: false },
): Promise<void> {
  const { world, history } = left;
  const entry = await world.stores.ledger.get(triggerId);
  if (world.topic.refused.has(triggerId)) return checkRefused(triggerId, entry, left);
  if (entry?.state === 'held' && waitsForPeople(entry.trigger, history)) return;
  if (entry?.state === 'withdrawn' && takenBack) return;
  if (entry?.state === 'absorbed') return checkAbsorbed(entry, left, vector);
  if (entry?.state !== 'sent') {
    history.report('P2', `trigger ${triggerId} of ${vector} is ${entry?.state ?? 'not there'}`);
  }
  if (!world.consumers.effects.has(triggerId) && !world.topic.unrouted.has(triggerId)) {
    history.report('P2', `trigger ${triggerId} of ${vector} had no effect`);
  }
}

/** The one that stands for it names it, and arrived or was taken back after it had left. */
async function checkAbsorbed(
  { trigger: { triggerId }, absorbedInto }: LedgerEntry,
  left: Left,
  vector: string,
): Promise<void> {
  const { ledger } = left.world.stores;
  const standsFor: LedgerEntry[] = [];
  for (let next = absorbedInto; next !== undefined; next = standsFor.at(-1)?.absorbedInto) {
    const entry = await ledger.get(next);
    if (entry === undefined) break;
    standsFor.push(entry);
  }
  const last = standsFor.at(-1);
  if (last?.trigger.absorbed?.some((other) => other.triggerId === triggerId) !== true)
    left.history.report(
      'P1',
      `${triggerId} of ${vector} was absorbed by ${last?.trigger.triggerId}, which does not name it`,
    );
  if (last?.state === 'withdrawn' && last.leaseUntil === undefined)
    left.history.report('P1', `${triggerId} of ${vector} was absorbed by ${last.trigger.triggerId}, which never left`);
}

/** What the topic refuses for good waits in quarantine and is never called sent. */
function checkRefused(triggerId: string, entry: LedgerEntry | undefined, left: Left): void {
  const { history, records, openRefusals } = left;
  if (entry?.state !== 'refused' && entry?.state !== 'withdrawn' && entry?.state !== 'held')
    history.report('P2', `trigger ${triggerId} was refused and is called ${entry?.state ?? 'nothing'}`);
  const kept = records.some(({ reason, origin }) => reason === 'trigger-refused' && origin.partition === triggerId);
  if (!kept && entry?.state !== 'withdrawn') {
    history.report('P1', `trigger ${triggerId} was refused and is not in quarantine`);
  }
  if (entry?.state === 'refused' && !openRefusals.has(triggerId)) {
    history.report('P1', `trigger ${triggerId} is refused and no open record in quarantine says so`);
  }
}

/** What a consumer ran for and what was then taken back is revoked. */
async function checkRevoked(judged: readonly Judged[], { world, history }: Left): Promise<void> {
  const effects = [...world.consumers.effects.values()];
  const revoked = new Set(effects.flatMap(({ revokes = [] }) => revokes));
  for (const { fact: retraction, verdict } of judged) {
    if (verdict.outcome !== 'retracted') continue;
    const taken = judged.filter(
      ({ fact, verdict: { subscription } }) => subscription === verdict.subscription && retracts(retraction, fact),
    );
    const revocationId = verdict.triggerId ?? '';
    const neverArrives = world.topic.unrouted.has(revocationId) || world.topic.refused.has(revocationId);
    const revocation = await world.stores.ledger.get(revocationId);
    if (revocation?.state === 'held' && waitsForPeople(revocation.trigger, history)) continue;
    for (const {
      verdict: { triggerId = '', stage },
    } of taken) {
      if (stage !== verdict.stage || !world.consumers.effects.has(triggerId)) continue;
      if (!revoked.has(triggerId) && !neverArrives)
        history.report('P2', `${triggerId} had an effect, was retracted and never revoked`);
    }
  }
}
