import { qualityStatuses } from '../contracts/events/quality.js';
import { limits } from '../contracts/limits.js';
import type { PortState } from '../contracts/port-state.js';
import type { Signal } from '../contracts/signal.js';
import { askedGates, type GateAnswer } from '../contracts/verdict.js';
import { toBreakerPhase } from './circuit-breaker.js';
import { type CompiledRegistry, isInRange, type PortWish } from './compiled-registry.js';
import { findContractBreach } from './contract-breach.js';
import { entitlementFor } from './registry/entitlements.js';
import { toInstantText, toReceiptMs } from './instant.js';
import { toSnapshotTimeMs } from './watermark.js';

/** What a gate looks at. */
export interface GateContext {
  readonly signal: Signal;
  readonly wish: PortWish;
  readonly registry: CompiledRegistry;
  /** What is remembered of the signal's port, when it was asked for. */
  readonly portState?: PortState | undefined;
  readonly nowMs: number;
}

/** When the signal's snapshot was taken and when it came, in epoch milliseconds. */
interface SignalTimes {
  readonly snapshotMs: number;
  readonly receivedMs: number;
}

type Finding = Omit<GateAnswer, 'gate'>;
type Gate = (context: GateContext, times: SignalTimes) => Finding;
type Facts = GateAnswer['facts'];

const pass = (reason: string, facts: Facts): Finding => ({ answer: 'pass', code: 'ok', reason, facts });
const fail = (code: string, reason: string, facts: Facts): Finding => ({ answer: 'fail', code, reason, facts });
const hold = (code: string, reason: string, facts: Facts): Finding => ({ ...fail(code, reason, facts), holds: true });

const eventType: Gate = ({ signal }) => {
  const facts = { eventType: signal.eventType };
  if (signal.eventType === 'OutputPortSnapshotSealed') return pass('A sealed snapshot.', facts);
  return fail('not-a-seal', `${signal.eventType} announces no usable snapshot.`, facts);
};

const stage: Gate = ({ signal, wish }) => {
  const { entry } = wish.subscription;
  const facts = { signalStage: signal.stage, subscriptionStage: entry.stage };
  if (signal.stage === entry.stage) return pass(`Both are in stage ${signal.stage}.`, facts);
  return fail(
    'other-stage',
    `The signal is from stage ${signal.stage}, the subscription is for ${entry.stage}.`,
    facts,
  );
};

const activeFrom: Gate = ({ wish: { subscription } }, { snapshotMs }) => {
  const facts = { snapshotTime: toInstantText(snapshotMs), activeFrom: subscription.entry.activeFrom };
  if (snapshotMs >= subscription.activeFromMs) return pass('The subscription was active for this snapshot.', facts);
  return fail(
    'before-active-from',
    `The snapshot lies before ${facts.activeFrom}, when the subscription starts.`,
    facts,
  );
};

const producer: Gate = ({ signal, wish, registry }, { receivedMs }) => {
  const owner = registry.ports.get(signal.outputPortKey)?.entry.dataProduct ?? null;
  const accepted = wish.input.input.producers;
  const facts = { producer: signal.producerDp, owner, ...(accepted && { accepted }) };
  const { stage, outputPortKey: port, producerDp: product } = signal;
  const right = entitlementFor(registry, { product, port, stage, may: 'publish' }, receivedMs);
  if (right !== 'not-required' && right !== 'valid') {
    return fail('producer-not-owner', `${product} neither owns ${port} nor is entitled to publish for it.`, facts);
  }
  if (accepted === undefined || accepted.includes(product)) {
    return pass(`${product} ${right === 'valid' ? 'is entitled to publish for' : 'owns'} the port.`, facts);
  }
  return fail('producer-not-accepted', `${signal.producerDp} is none of the accepted producers.`, facts);
};

const version: Gate = ({ signal, wish: { input } }) => {
  const facts = { version: signal.outputPortVersion, range: input.input.versions };
  if (isInRange(input, signal.outputPortVersion)) return pass(`${facts.version} is in ${facts.range}.`, facts);
  return fail('outside-range', `Version ${facts.version} is outside ${facts.range}.`, facts);
};

/** A hash that contradicts the registered contract is a breach; it holds until the owner says which one is true. */
const schemaHash: Gate = ({ signal, wish: { input }, registry }) => {
  const accepted = [...input.acceptedSchemaHashes];
  const facts = { schemaHash: signal.schemaHash ?? null, accepted };
  const breach = findContractBreach(signal, registry);
  const explicit = input.input.schemaHashes;
  const listed = signal.schemaHash !== undefined && input.acceptedSchemaHashes.includes(signal.schemaHash);
  if (breach && isInRange(input, signal.outputPortVersion) && (explicit === undefined || listed)) {
    return hold('contract-breach', breach.reason, { ...facts, declared: breach.declared, owner: breach.owner });
  }
  if (listed) return pass('The schema is an accepted one.', facts);
  return fail('schema-not-accepted', 'The schema hash is none of the accepted ones.', facts);
};

const quality: Gate = ({ signal, wish }) => {
  const minimum = wish.input.input.minimumQuality;
  const facts = {
    status: signal.qualityStatus ?? null,
    score: signal.qualityScore ?? null,
    ruleset: signal.ruleset ?? null,
    minimumStatus: minimum.status,
    minimumScore: minimum.score ?? null,
    ...(minimum.ruleset !== undefined && { requiredRuleset: minimum.ruleset }),
  };
  const rank = signal.qualityStatus === undefined ? -1 : qualityStatuses.indexOf(signal.qualityStatus);
  if (rank < qualityStatuses.indexOf(minimum.status)) {
    return fail('quality-below-minimum', `Quality ${facts.status ?? 'unknown'} is below ${minimum.status}.`, facts);
  }
  if (minimum.ruleset !== undefined && signal.ruleset !== minimum.ruleset) {
    return fail(
      'other-ruleset',
      `Ruleset ${facts.ruleset ?? 'unknown'} was run, ${minimum.ruleset} is asked for.`,
      facts,
    );
  }
  if (minimum.score === undefined) return pass(`Quality ${facts.status} is good enough.`, facts);
  if (signal.qualityScore === undefined)
    return fail('score-missing', 'A minimum score is asked for, none is given.', facts);
  if (signal.qualityScore >= minimum.score) return pass(`Score ${signal.qualityScore} is good enough.`, facts);
  return fail('score-below-minimum', `Score ${signal.qualityScore} is below ${minimum.score}.`, facts);
};

/** Age is counted from watermark to receipt, so a retry hours later gives the same answer. */
const freshness: Gate = ({ wish }, { receivedMs, snapshotMs }) => {
  const maxAgeMinutes = wish.input.input.freshness?.maxAgeMinutes;
  const ageMinutes = Math.floor((receivedMs - snapshotMs) / 60_000);
  const facts = { ageMinutes, maxAgeMinutes: maxAgeMinutes ?? null };
  if (maxAgeMinutes === undefined) return pass('No age limit is set.', facts);
  if (ageMinutes <= maxAgeMinutes) return pass(`${ageMinutes} minutes old, ${maxAgeMinutes} allowed.`, facts);
  return fail(
    'too-old',
    `The snapshot was ${ageMinutes} minutes old when it arrived, ${maxAgeMinutes} allowed.`,
    facts,
  );
};

const chainDepth: Gate = ({ signal }) => {
  const facts = { chainDepth: signal.chainDepth ?? 0, most: limits.chainDepth };
  if (facts.chainDepth < limits.chainDepth) return pass(`${facts.chainDepth} triggers led here.`, facts);
  return fail('chain-too-deep', `${facts.chainDepth} triggers led here; this looks like a loop.`, facts);
};

/** A replay upstream makes its consumers seal again; that goes further only to who asks for it. */
const cause: Gate = ({ signal, wish }) => {
  const accepted = wish.subscription.entry.causes ?? ['live'];
  const facts = { cause: signal.cause ?? 'live', accepted };
  if (accepted.includes(facts.cause)) return pass(`Cause ${facts.cause} is accepted.`, facts);
  return fail('cause-not-accepted', `Cause ${facts.cause} is none of ${accepted.join(', ')}.`, facts);
};

const circuitBreaker: Gate = ({ signal, registry, portState, nowMs }) => {
  const policy = registry.ports.get(signal.outputPortKey)?.entry.circuitBreaker;
  if (policy === undefined || portState === undefined) return pass('The port has no circuit breaker.', {});
  const { failuresInRow, goodInRow, openedAt = null } = portState.breaker;
  const phase = toBreakerPhase(portState.breaker, policy, nowMs);
  const facts = { phase, failuresInRow, goodInRow, closeAfter: policy.closeAfter, openedAt };
  if (phase === 'closed') return pass('The circuit breaker is closed.', facts);
  const wait = phase === 'open' ? `good snapshots count ${policy.coolDownMinutes} minutes after ${openedAt}` : '';
  const need = `${policy.closeAfter - goodInRow} good snapshots in a row close it`;
  const reason = `The port's circuit breaker is ${phase} after ${failuresInRow} failures: ${[wait, need].filter(Boolean).join(', then ')}.`;
  return hold('circuit-breaker', reason, facts);
};

/** An entitlement that ended holds: it may be renewed. One that never was is a no. */
const entitlement: Gate = ({ signal, wish, registry, nowMs }) => {
  const { consumer: product, stage } = wish.subscription.entry;
  const port = signal.outputPortKey;
  const state = entitlementFor(registry, { product, port, stage, may: 'consume' }, nowMs);
  const facts = { consumer: product, port };
  if (state === 'not-required') return pass('The port needs no entitlement.', facts);
  if (state === 'valid') return pass(`${product} is entitled to consume ${port}.`, facts);
  if (state === 'missing') return fail('not-entitled', `${product} has no entitlement to consume ${port}.`, facts);
  const reason = `The entitlement of ${product} to consume ${port} ended at ${state.expiredAt}.`;
  return hold('entitlement-expired', reason, { ...facts, expiredAt: state.expiredAt });
};

const gates: Record<(typeof askedGates)[number], Gate> = {
  'event-type': eventType,
  stage,
  'active-from': activeFrom,
  producer,
  version,
  'schema-hash': schemaHash,
  quality,
  freshness,
  'chain-depth': chainDepth,
  cause,
  'circuit-breaker': circuitBreaker,
  entitlement,
};

/** Every gate's answer, in a fixed order. A gate that throws answers `error`; it never says no silently. */
export function answerGates(context: GateContext): GateAnswer[] {
  const { signal } = context;
  const times = { snapshotMs: toSnapshotTimeMs(signal), receivedMs: toReceiptMs(signal.receivedAt) };
  return askedGates.map((gate) => toAnswer(gate, answerSafely(gates[gate], context, times)));
}

/** Written out, because most of the answers of a verdict are made of nothing else. */
function toAnswer(gate: GateAnswer['gate'], { answer, code, reason, facts, holds }: Finding): GateAnswer {
  return holds === undefined ? { gate, answer, code, reason, facts } : { gate, answer, code, reason, facts, holds };
}

function answerSafely(gate: Gate, context: GateContext, times: SignalTimes): Finding {
  try {
    return gate(context, times);
  } catch (cause) {
    const reason = `The gate could not answer: ${cause instanceof Error ? cause.message : String(cause)}`;
    return { answer: 'error', code: 'gate-error', reason, facts: {} };
  }
}
