import type { Signal } from '../contracts/signal.js';
import type { Trigger, TriggerInput } from '../contracts/trigger.js';
import type { GateAnswer, Verdict, VerdictOutcome } from '../contracts/verdict.js';
import type { CompiledRegistry, CompiledSubscription } from './compiled-registry.js';
import { answerGates } from './gates.js';
import { toTriggerId, toVerdictId } from './identity.js';

/** A verdict, with the trigger it asks for when it is `matched`. */
export interface Decided {
  readonly verdict: Verdict;
  readonly trigger?: Trigger;
}

/** Decide every subscription on the signal's port. Pure: the same inputs give the same decisions. */
export function decide(signal: Signal, registry: CompiledRegistry, nowMs: number): Decided[] {
  const subscriptions = registry.subscriptionsByPort.get(signal.outputPortKey) ?? [];
  return subscriptions.map((subscription) => decideOne({ signal, subscription, registry, nowMs }));
}

function decideOne(context: {
  signal: Signal;
  subscription: CompiledSubscription;
  registry: CompiledRegistry;
  nowMs: number;
}): Decided {
  const { signal, subscription, registry, nowMs } = context;
  const gates = answerGates({ signal, subscription, registry });
  const outcome = toOutcome(gates);
  const verdict: Verdict = {
    verdictId: toVerdictId(signal.signalId, subscription.entry.key),
    outcome,
    subscription: subscription.entry.key,
    consumer: subscription.entry.consumer,
    signalId: signal.signalId,
    eventId: signal.eventId,
    outputPortKey: signal.outputPortKey,
    outputPortVersion: signal.outputPortVersion,
    stage: signal.stage,
    subscriptionStage: subscription.entry.stage,
    gates,
    registryVersion: registry.version,
    decidedAt: new Date(nowMs).toISOString(),
  };
  if (outcome !== 'matched') return { verdict };
  const trigger = toTrigger(signal, verdict);
  return { verdict: { ...verdict, triggerId: trigger.triggerId }, trigger };
}

function toOutcome(gates: readonly GateAnswer[]): VerdictOutcome {
  if (gates.some((gate) => gate.answer === 'error')) return 'error';
  return gates.every((gate) => gate.answer === 'pass') ? 'matched' : 'not-matched';
}

function toTrigger(signal: Signal, verdict: Verdict): Trigger {
  return {
    triggerId: toTriggerId(verdict.subscription, signal.stage, [signal]),
    subscription: verdict.subscription,
    consumer: verdict.consumer,
    stage: signal.stage,
    cause: 'live',
    inputs: [toTriggerInput(signal)],
    evidence: { verdictId: verdict.verdictId, registryVersion: verdict.registryVersion, gates: verdict.gates },
    correlationId: signal.correlationId,
    traceparent: signal.traceparent,
    decidedAt: verdict.decidedAt,
  };
}

function toTriggerInput(signal: Signal): TriggerInput {
  const { qualityScore, failedTests, recordCount, batchId, partition } = signal;
  return {
    eventId: signal.eventId,
    signalId: signal.signalId,
    outputPort: { key: signal.outputPortKey, version: signal.outputPortVersion, stage: signal.stage },
    snapshot: {
      watermark: required(signal.watermark, 'watermark'),
      ...(batchId !== undefined && { batchId }),
      ...(partition !== undefined && { partition }),
      revision: signal.revision,
      ...(recordCount !== undefined && { recordCount }),
      schemaHash: required(signal.schemaHash, 'schemaHash'),
      quality: {
        status: required(signal.qualityStatus, 'qualityStatus'),
        ruleset: required(signal.ruleset, 'ruleset'),
        ...(qualityScore !== undefined && { score: qualityScore }),
        ...(failedTests !== undefined && { failedTests }),
      },
    },
    producer: signal.producerDp,
    occurredAt: signal.occurredAt,
    receivedAt: signal.receivedAt,
  };
}

/** A matched signal is a seal, and a seal has every one of these; the schema made sure. */
function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`a sealed snapshot without ${name} cannot exist`);
  return value;
}
