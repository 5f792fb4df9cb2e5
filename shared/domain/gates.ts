import { qualityStatuses } from '../contracts/events/quality.js';
import type { Signal } from '../contracts/signal.js';
import { gateNames, type GateAnswer } from '../contracts/verdict.js';
import type { CompiledRegistry, CompiledSubscription } from './compiled-registry.js';
import { toSnapshotTimeMs } from './watermark.js';

/** What a gate looks at. */
export interface GateContext {
  readonly signal: Signal;
  readonly subscription: CompiledSubscription;
  readonly registry: CompiledRegistry;
}

type GateName = (typeof gateNames)[number];
type Finding = Omit<GateAnswer, 'gate'>;
type Gate = (context: GateContext) => Finding;
type Facts = GateAnswer['facts'];

const pass = (reason: string, facts: Facts): Finding => ({ answer: 'pass', code: 'ok', reason, facts });
const fail = (code: string, reason: string, facts: Facts): Finding => ({ answer: 'fail', code, reason, facts });

const eventType: Gate = ({ signal }) => {
  const facts = { eventType: signal.eventType };
  if (signal.eventType === 'OutputPortSnapshotSealed') return pass('A sealed snapshot.', facts);
  return fail('not-a-seal', `${signal.eventType} announces no usable snapshot.`, facts);
};

const stage: Gate = ({ signal, subscription: { entry } }) => {
  const facts = { signalStage: signal.stage, subscriptionStage: entry.stage };
  if (signal.stage === entry.stage) return pass(`Both are in stage ${signal.stage}.`, facts);
  return fail(
    'other-stage',
    `The signal is from stage ${signal.stage}, the subscription is for ${entry.stage}.`,
    facts,
  );
};

const activeFrom: Gate = ({ signal, subscription }) => {
  const snapshotMs = toSnapshotTimeMs(signal);
  const facts = { snapshotTime: new Date(snapshotMs).toISOString(), activeFrom: subscription.entry.activeFrom };
  if (snapshotMs >= subscription.activeFromMs) return pass('The subscription was active for this snapshot.', facts);
  return fail(
    'before-active-from',
    `The snapshot lies before ${facts.activeFrom}, when the subscription starts.`,
    facts,
  );
};

const producer: Gate = ({ signal, registry }) => {
  const owner = registry.ports.get(signal.outputPortKey)?.dataProduct ?? null;
  const facts = { producer: signal.producerDp, owner };
  if (owner === signal.producerDp) return pass(`${signal.producerDp} owns the port.`, facts);
  return fail('producer-not-owner', `${signal.producerDp} does not own ${signal.outputPortKey}.`, facts);
};

const version: Gate = ({ signal, subscription }) => {
  const facts = { version: signal.outputPortVersion, range: subscription.entry.versions };
  if (subscription.range.test(signal.outputPortVersion)) return pass(`${facts.version} is in ${facts.range}.`, facts);
  return fail('outside-range', `Version ${facts.version} is outside ${facts.range}.`, facts);
};

const schemaHash: Gate = ({ signal, subscription }) => {
  const accepted = [...subscription.acceptedSchemaHashes];
  const facts = { schemaHash: signal.schemaHash ?? null, accepted };
  if (signal.schemaHash !== undefined && subscription.acceptedSchemaHashes.has(signal.schemaHash)) {
    return pass('The schema is an accepted one.', facts);
  }
  return fail('schema-not-accepted', 'The schema hash is none of the accepted ones.', facts);
};

const quality: Gate = ({ signal, subscription }) => {
  const minimum = subscription.entry.minimumQuality;
  const facts = {
    status: signal.qualityStatus ?? null,
    score: signal.qualityScore ?? null,
    ruleset: signal.ruleset ?? null,
    minimumStatus: minimum.status,
    minimumScore: minimum.score ?? null,
  };
  const rank = signal.qualityStatus === undefined ? -1 : qualityStatuses.indexOf(signal.qualityStatus);
  if (rank < qualityStatuses.indexOf(minimum.status)) {
    return fail('quality-below-minimum', `Quality ${facts.status ?? 'unknown'} is below ${minimum.status}.`, facts);
  }
  if (minimum.score === undefined) return pass(`Quality ${facts.status} is good enough.`, facts);
  if (signal.qualityScore === undefined)
    return fail('score-missing', 'A minimum score is asked for, none is given.', facts);
  if (signal.qualityScore >= minimum.score) return pass(`Score ${signal.qualityScore} is good enough.`, facts);
  return fail('score-below-minimum', `Score ${signal.qualityScore} is below ${minimum.score}.`, facts);
};

/** Age is counted from watermark to receipt, so a retry hours later gives the same answer. */
const freshness: Gate = ({ signal, subscription }) => {
  const maxAgeMinutes = subscription.entry.freshness?.maxAgeMinutes;
  const ageMinutes = Math.floor((Date.parse(signal.receivedAt) - toSnapshotTimeMs(signal)) / 60_000);
  const facts = { ageMinutes, maxAgeMinutes: maxAgeMinutes ?? null };
  if (maxAgeMinutes === undefined) return pass('No age limit is set.', facts);
  if (ageMinutes <= maxAgeMinutes) return pass(`${ageMinutes} minutes old, ${maxAgeMinutes} allowed.`, facts);
  return fail(
    'too-old',
    `The snapshot was ${ageMinutes} minutes old when it arrived, ${maxAgeMinutes} allowed.`,
    facts,
  );
};

const gates: Record<GateName, Gate> = {
  'event-type': eventType,
  stage,
  'active-from': activeFrom,
  producer,
  version,
  'schema-hash': schemaHash,
  quality,
  freshness,
};

/** Every gate's answer, in the order of `gateNames`. A gate that throws answers `error`; it never says no silently. */
export function answerGates(context: GateContext): GateAnswer[] {
  return gateNames.map((gate) => ({ gate, ...answerSafely(gates[gate], context) }));
}

function answerSafely(gate: Gate, context: GateContext): Finding {
  try {
    return gate(context);
  } catch (cause) {
    const reason = `The gate could not answer: ${cause instanceof Error ? cause.message : String(cause)}`;
    return { answer: 'error', code: 'gate-error', reason, facts: {} };
  }
}
