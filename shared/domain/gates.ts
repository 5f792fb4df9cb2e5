import { qualityStatuses } from '../contracts/events/quality.js';
import { limits } from '../contracts/limits.js';
import type { PortState } from '../contracts/port-state.js';
import type { Signal } from '../contracts/signal.js';
import type { askedGates, GateAnswer } from '../contracts/verdict.js';
import { toBreakerPhase } from './circuit-breaker.js';
import { type CompiledRegistry, isInRange } from './compiled-registry.js';
import type { PortWish } from './port-wish.js';
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

type Gate = (context: GateContext, times: SignalTimes) => GateAnswer;
type Name = (typeof askedGates)[number];
type Facts = GateAnswer['facts'];

function pass(gate: Name, reason: string, facts: Facts): GateAnswer {
  return { gate, answer: 'pass', code: 'ok', reason, facts };
}

function fail(gate: Name, code: string, reason: string, facts: Facts): GateAnswer {
  return { gate, answer: 'fail', code, reason, facts };
}

function hold(gate: Name, code: string, reason: string, facts: Facts): GateAnswer {
  return { gate, answer: 'fail', code, reason, facts, holds: true };
}

const sealed = pass('event-type', 'A sealed snapshot.', { eventType: 'OutputPortSnapshotSealed' });

const eventType: Gate = ({ signal }) => {
  if (signal.eventType === 'OutputPortSnapshotSealed') return sealed;
  const facts = { eventType: signal.eventType };
  return fail('event-type', 'not-a-seal', `${signal.eventType} announces no usable snapshot.`, facts);
};

const stage: Gate = ({ signal, wish }) => {
  const facts = { signalStage: signal.stage, subscriptionStage: wish.stage };
  if (signal.stage === wish.stage) return pass('stage', `Both are in stage ${signal.stage}.`, facts);
  return fail(
    'stage',
    'other-stage',
    `The signal is from stage ${signal.stage}, the subscription is for ${wish.stage}.`,
    facts,
  );
};

const activeFrom: Gate = ({ wish: { start } }, { snapshotMs }) => {
  const facts = { snapshotTime: toInstantText(snapshotMs), activeFrom: start.activeFrom };
  if (snapshotMs >= start.ms) return pass('active-from', 'The subscription was active for this snapshot.', facts);
  return fail(
    'active-from',
    'before-active-from',
    `The snapshot lies before ${facts.activeFrom}, when the subscription starts.`,
    facts,
  );
};

const producer: Gate = ({ signal, wish, registry }, { receivedMs }) => {
  const accepted = wish.producers;
  const owner = wish.port?.owner ?? null;
  const { stage, outputPortKey: port, producerDp: product } = signal;
  const facts = accepted === undefined ? { producer: product, owner } : { producer: product, owner, accepted };
  const right = entitlementFor(registry, { product, port, stage, may: 'publish', owner: wish.port?.owner }, receivedMs);
  if (right !== 'not-required' && right !== 'valid') {
    return fail(
      'producer',
      'producer-not-owner',
      `${product} neither owns ${port} nor is entitled to publish for it.`,
      facts,
    );
  }
  if (accepted === undefined || accepted.includes(product)) {
    return pass('producer', `${product} ${right === 'valid' ? 'is entitled to publish for' : 'owns'} the port.`, facts);
  }
  return fail('producer', 'producer-not-accepted', `${signal.producerDp} is none of the accepted producers.`, facts);
};

const version: Gate = ({ signal, wish }) => {
  const facts = { version: signal.outputPortVersion, range: wish.versions };
  if (isInRange(wish, signal.outputPortVersion))
    return pass('version', `${facts.version} is in ${facts.range}.`, facts);
  return fail('version', 'outside-range', `Version ${facts.version} is outside ${facts.range}.`, facts);
};

/** A hash that contradicts the registered contract is a breach; it holds until the owner says which one is true. */
const schemaHash: Gate = ({ signal, wish, registry }) => {
  const { acceptedSchemaHashes: accepted, namesHashes, port } = wish;
  const { outputPortVersion: version, schemaHash: given } = signal;
  const facts = { schemaHash: given ?? null, accepted };
  const breach = findContractBreach({ version, schemaHash: given }, port, registry);
  const listed = given !== undefined && accepted.includes(given);
  if (breach && isInRange(wish, version) && (!namesHashes || listed)) {
    const { reason, declared, owner } = breach;
    return hold('schema-hash', 'contract-breach', reason, { ...facts, declared, owner });
  }
  if (listed) return pass('schema-hash', 'The schema is an accepted one.', facts);
  return fail('schema-hash', 'schema-not-accepted', 'The schema hash is none of the accepted ones.', facts);
};

const quality: Gate = ({ signal, wish }) => {
  const { minimum } = wish;
  const asked = {
    status: signal.qualityStatus ?? null,
    score: signal.qualityScore ?? null,
    ruleset: signal.ruleset ?? null,
    minimumStatus: minimum.status,
    minimumScore: minimum.score ?? null,
  };
  const facts = minimum.ruleset === undefined ? asked : { ...asked, requiredRuleset: minimum.ruleset };
  const rank = signal.qualityStatus === undefined ? -1 : qualityStatuses.indexOf(signal.qualityStatus);
  if (rank < qualityStatuses.indexOf(minimum.status)) {
    return fail(
      'quality',
      'quality-below-minimum',
      `Quality ${facts.status ?? 'unknown'} is below ${minimum.status}.`,
      facts,
    );
  }
  if (minimum.ruleset !== undefined && signal.ruleset !== minimum.ruleset) {
    return fail(
      'quality',
      'other-ruleset',
      `Ruleset ${facts.ruleset ?? 'unknown'} was run, ${minimum.ruleset} is asked for.`,
      facts,
    );
  }
  if (minimum.score === undefined) return pass('quality', `Quality ${facts.status} is good enough.`, facts);
  if (signal.qualityScore === undefined)
    return fail('quality', 'score-missing', 'A minimum score is asked for, none is given.', facts);
  if (signal.qualityScore >= minimum.score)
    return pass('quality', `Score ${signal.qualityScore} is good enough.`, facts);
  return fail('quality', 'score-below-minimum', `Score ${signal.qualityScore} is below ${minimum.score}.`, facts);
};

/** Age is counted from watermark to receipt, so a retry hours later gives the same answer. */
const freshness: Gate = ({ wish: { maxAgeMinutes } }, { receivedMs, snapshotMs }) => {
  const ageMinutes = Math.floor((receivedMs - snapshotMs) / 60_000);
  const facts = { ageMinutes, maxAgeMinutes: maxAgeMinutes ?? null };
  if (maxAgeMinutes === undefined) return pass('freshness', 'No age limit is set.', facts);
  if (ageMinutes <= maxAgeMinutes)
    return pass('freshness', `${ageMinutes} minutes old, ${maxAgeMinutes} allowed.`, facts);
  return fail(
    'freshness',
    'too-old',
    `The snapshot was ${ageMinutes} minutes old when it arrived, ${maxAgeMinutes} allowed.`,
    facts,
  );
};

const unchained = pass('chain-depth', '0 triggers led here.', { chainDepth: 0, most: limits.chainDepth });

const chainDepth: Gate = ({ signal }) => {
  if (signal.chainDepth === undefined) return unchained;
  const facts = { chainDepth: signal.chainDepth, most: limits.chainDepth };
  if (facts.chainDepth < limits.chainDepth) return pass('chain-depth', `${facts.chainDepth} triggers led here.`, facts);
  return fail('chain-depth', 'chain-too-deep', `${facts.chainDepth} triggers led here; this looks like a loop.`, facts);
};

const live = pass('cause', 'Cause live is accepted.', { cause: 'live', accepted: ['live'] });

/** A replay upstream makes its consumers seal again; that goes further only to who asks for it. */
const cause: Gate = ({ signal, wish }) => {
  if (wish.causes === undefined && signal.cause === undefined) return live;
  const accepted = wish.causes ?? ['live'];
  const facts = { cause: signal.cause ?? 'live', accepted };
  if (accepted.includes(facts.cause)) return pass('cause', `Cause ${facts.cause} is accepted.`, facts);
  return fail('cause', 'cause-not-accepted', `Cause ${facts.cause} is none of ${accepted.join(', ')}.`, facts);
};

const unguarded = pass('circuit-breaker', 'The port has no circuit breaker.', {});

const circuitBreaker: Gate = ({ wish, portState, nowMs }) => {
  const policy = wish.port?.circuitBreaker;
  if (policy === undefined || portState === undefined) return unguarded;
  const { failuresInRow, goodInRow, openedAt = null } = portState.breaker;
  const phase = toBreakerPhase(portState.breaker, policy, nowMs);
  const facts = { phase, failuresInRow, goodInRow, closeAfter: policy.closeAfter, openedAt };
  if (phase === 'closed') return pass('circuit-breaker', 'The circuit breaker is closed.', facts);
  const wait = phase === 'open' ? `good snapshots count ${policy.coolDownMinutes} minutes after ${openedAt}` : '';
  const need = `${policy.closeAfter - goodInRow} good snapshots in a row close it`;
  const reason = `The port's circuit breaker is ${phase} after ${failuresInRow} failures: ${[wait, need].filter(Boolean).join(', then ')}.`;
  return hold('circuit-breaker', 'circuit-breaker', reason, facts);
};

/** An entitlement that ended holds: it may be renewed. One that never was is a no. */
const entitlement: Gate = ({ signal, wish, registry, nowMs }) => {
  const { consumer: product, stage } = wish;
  const port = signal.outputPortKey;
  const state = entitlementFor(registry, { product, port, stage, may: 'consume' }, nowMs);
  const facts = { consumer: product, port };
  if (state === 'not-required') return pass('entitlement', 'The port needs no entitlement.', facts);
  if (state === 'valid') return pass('entitlement', `${product} is entitled to consume ${port}.`, facts);
  if (state === 'missing')
    return fail('entitlement', 'not-entitled', `${product} has no entitlement to consume ${port}.`, facts);
  const reason = `The entitlement of ${product} to consume ${port} ended at ${state.expiredAt}.`;
  return hold('entitlement', 'entitlement-expired', reason, { ...facts, expiredAt: state.expiredAt });
};

/**
 * Every gate's answer, in a fixed order. A gate that throws answers `error`; it never says no silently. Answers are not
 * to be written to: those that all signals share are made once.
 */
export function answerGates(context: GateContext): GateAnswer[] {
  const { signal } = context;
  const times = { snapshotMs: toSnapshotTimeMs(signal), receivedMs: toReceiptMs(signal.receivedAt) };
  const answer = (name: Name, gate: Gate): GateAnswer => {
    try {
      return gate(context, times);
    } catch (cause) {
      return toError(name, cause);
    }
  };
  return [
    answer('event-type', eventType),
    answer('stage', stage),
    answer('active-from', activeFrom),
    answer('producer', producer),
    answer('version', version),
    answer('schema-hash', schemaHash),
    answer('quality', quality),
    answer('freshness', freshness),
    answer('chain-depth', chainDepth),
    answer('cause', cause),
    answer('circuit-breaker', circuitBreaker),
    answer('entitlement', entitlement),
  ];
}

function toError(gate: Name, cause: unknown): GateAnswer {
  const reason = `The gate could not answer: ${cause instanceof Error ? cause.message : String(cause)}`;
  return { gate, answer: 'error', code: 'gate-error', reason, facts: {} };
}
