import type { Outcome } from '../../contracts/api/operator-problem.js';
import { refuse, succeed } from '../../contracts/api/operator-problem.js';
import type {
  NormalizedEvent,
  SimulatedVerdict,
  Simulation,
  TriggerResolution,
} from '../../contracts/api/simulation.js';
import type { PortEvent } from '../../contracts/events/readiness-event.js';
import type { Problem, QuarantineReason } from '../../contracts/problem.js';
import type { Signal } from '../../contracts/signal.js';
import { checkAdmission } from '../../domain/admission.js';
import type { CompiledRegistry } from '../../domain/compiled-registry.js';
import type { Decision } from '../../domain/decision.js';
import { decodeEvent } from '../../domain/decode/decode-event.js';
import { toContentHash, toEventIdentity } from '../../domain/identity.js';
import { isRetraction } from '../../domain/retraction.js';
import { toSignal } from '../../domain/signal.js';
import { checkSignature, readSignature } from '../../domain/signature.js';
import type { Ledger } from '../../ports/ledger.js';
import type { SignalStore } from '../../ports/signal-store.js';
import type { RegistrySource } from '../registry-source.js';
import { toConcernedWishes } from '../retract.js';
import { findRemedies, type FindRemediesDeps } from './find-remedies.js';
import { foresee, type ForeseeDeps } from './foresee.js';
import { foreseeRetraction, type ForeseenRetraction } from './foresee-retraction.js';

export interface SimulateDeps extends ForeseeDeps, Omit<FindRemediesDeps, 'ledgerQueries'> {
  readonly signals: Pick<SignalStore, 'get'>;
  readonly ledger: Pick<Ledger, 'get'>;
  readonly registry: RegistrySource;
  readonly stages: readonly string[];
}

/** An event as it would be read from the hub. */
export interface SimulatedEvent {
  readonly body: Uint8Array;
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * Where an event would end and what every affected subscription would say, decided by the same code, with no effect.
 * @throws RetryableError
 */
export async function simulate(event: SimulatedEvent, deps: SimulateDeps): Promise<Simulation> {
  const decoded = decodeEvent(event.body, event.properties);
  if (!decoded.ok) return toQuarantined(decoded.reason, decoded.problems);
  if (decoded.event.eventType === 'TriggerReceipt') return { outcome: 'receipt', problems: [], verdicts: [] };
  const registry = await deps.registry.current();
  const nowMs = deps.clock.nowMs();
  const product = registry?.products.get(decoded.event.producer.dataProduct);
  const refusal =
    checkSignature(product, readSignature(event.properties, event.body), nowMs) ??
    checkAdmission(decoded.event, { registry, stages: deps.stages, receivedAtMs: nowMs });
  if (refusal || registry === undefined) {
    return toQuarantined(refusal?.reason ?? 'no-registry', refusal?.problems ?? []);
  }
  const signal = toSimulatedSignal(decoded.event, registry.version, nowMs);
  const first = await deps.signals.get(signal);
  if (first && first.contentHash !== signal.contentHash) {
    const message = `${first.producerDp} used this id before, at ${first.receivedAt}, for other content`;
    return toQuarantined('event-id-conflict', [{ path: 'eventId', message }]);
  }
  const verdicts = await decideAll(signal, registry, deps);
  return {
    outcome: first ? 'duplicate' : 'signal',
    problems: [],
    signalId: signal.signalId,
    registryVersion: registry.version,
    // A duplicate goes no further than the store, whatever its subscriptions would say.
    verdicts: first ? verdicts.map((verdict) => ({ ...verdict, effect: 'none' as const })) : verdicts,
  };
}

/** Who is subscribed to a fact in canonical form, and whether each may run now; no effect. @throws RetryableError */
export async function resolveTriggers(event: NormalizedEvent, deps: SimulateDeps): Promise<Outcome<TriggerResolution>> {
  const registry = await deps.registry.current();
  if (registry === undefined) {
    return refuse('no-registry', 'no registry is in force', 'apply one with "outport registry apply"');
  }
  const nowIso = new Date(deps.clock.nowMs()).toISOString();
  const { recordCount, qualityScore, batchId, partition, receivedAt, correlationId, ...columns } = event;
  const signal: Signal = {
    ...columns,
    ...toEventIdentity(event.producerDp, event.eventId),
    domain: event.producerDp.split('.')[1] ?? '',
    receivedAt: receivedAt ?? nowIso,
    ...(recordCount !== undefined && { recordCount }),
    ...(qualityScore !== undefined && { qualityScore }),
    ...(batchId !== undefined && { batchId }),
    ...(partition !== undefined && { partition }),
    correlationId: correlationId ?? event.eventId,
    contentHash: toContentHash(event),
    eventJson: JSON.stringify(event),
    origin: { hub: 'none', partition: '0', sequenceNumber: '0', offset: '0', enqueuedAt: nowIso },
    registryVersion: registry.version,
  };
  return succeed({ registryVersion: registry.version, verdicts: await decideAll(signal, registry, deps) });
}

async function decideAll(signal: Signal, registry: CompiledRegistry, deps: SimulateDeps): Promise<SimulatedVerdict[]> {
  if (isRetraction(signal)) {
    const retractions = await foreseeRetraction(signal, toConcernedWishes(signal, registry), { registry, deps });
    return Promise.all(retractions.map((each) => toSimulatedRetraction(each, deps)));
  }
  const foreseen = await foresee(signal, registry, deps);
  return Promise.all(foreseen.map((each) => toSimulated(each, { signal, registry, deps })));
}

interface Context {
  readonly signal: Signal;
  readonly registry: CompiledRegistry;
  readonly deps: SimulateDeps;
}

async function toSimulated({ verdict, trigger, initial }: Decision, context: Context): Promise<SimulatedVerdict> {
  const { signal, registry, deps } = context;
  const { subscription, consumer, gates } = verdict;
  const standing = trigger && (await deps.ledger.get(trigger.triggerId));
  const firstEventId = standing?.trigger.inputs[0]?.eventId;
  const outcome = standing ? 'same-vector' : verdict.outcome;
  return {
    subscription,
    consumer,
    outcome,
    effect: trigger === undefined || standing ? 'none' : initial === 'held' ? 'held' : 'fires',
    gates,
    ...(trigger && { triggerId: trigger.triggerId }),
    ...(trigger?.heldFor && { heldFor: trigger.heldFor }),
    ...(firstEventId !== undefined && { firstEventId }),
    remedies: await findRemedies({ ...verdict, outcome }, { signal, registry }, deps),
  };
}

/** A snapshot that was retracted before has nothing left to withdraw; its revocation went, or goes now. */
async function toSimulatedRetraction(
  { decision: { verdict, trigger }, taken }: ForeseenRetraction,
  { ledger }: SimulateDeps,
): Promise<SimulatedVerdict> {
  const { subscription, consumer, outcome, gates } = verdict;
  const standing = trigger && (await ledger.get(trigger.triggerId));
  const withdraws = taken.marked ? [] : taken.withdrawn.map(({ triggerId }) => triggerId);
  return {
    subscription,
    consumer,
    outcome,
    effect: trigger && !standing ? 'revokes' : withdraws.length > 0 ? 'withdraws' : 'none',
    gates,
    ...(trigger && { triggerId: trigger.triggerId, revokes: [...(trigger.revokes ?? [])] }),
    ...(withdraws.length > 0 && { withdraws }),
    remedies: [],
  };
}

function toSimulatedSignal(event: PortEvent, registryVersion: string, nowMs: number): Signal {
  const receivedAt = new Date(nowMs).toISOString();
  const origin = { hub: 'none', partition: '0', sequenceNumber: '0', offset: '0', enqueuedAt: receivedAt };
  const identity = toEventIdentity(event.producer.dataProduct, event.eventId);
  const contentHash = toContentHash(event);
  return toSignal({ kind: 'normalize', event, ...identity, contentHash, origin, receivedAt }, registryVersion);
}

function toQuarantined(reason: QuarantineReason, problems: readonly Problem[]): Simulation {
  return { outcome: 'quarantined', reason, problems: [...problems], verdicts: [] };
}
