import type { Signal } from '../contracts/signal.js';
import type { Trigger, TriggerInput } from '../contracts/trigger.js';
import type { Verdict } from '../contracts/verdict.js';
import { toSnapshotName, toTriggerId } from './identity.js';

/** The trigger a verdict asks for; `signal` is the one that completed its inputs. */
export function toTrigger(signal: Signal, verdict: Verdict, inputs: readonly TriggerInput[]): Trigger {
  return {
    kind: 'trigger',
    triggerId: toTriggerId(verdict.subscription, verdict.subscriptionStage, inputs),
    subscription: verdict.subscription,
    consumer: verdict.consumer,
    stage: verdict.subscriptionStage,
    cause: signal.cause ?? 'live',
    inputs: [...inputs],
    ...(verdict.set !== undefined && { set: verdict.set }),
    chainDepth: toDepth(inputs) + 1,
    evidence: { verdictId: verdict.verdictId, registryVersion: verdict.registryVersion, gates: verdict.gates },
    correlationId: signal.correlationId,
    traceparent: signal.traceparent,
    decidedAt: verdict.decidedAt,
  };
}

/** The longest chain of triggers that led to any of the inputs. */
function toDepth(inputs: readonly TriggerInput[]): number {
  let depth = 0;
  for (const input of inputs) depth = Math.max(depth, input.chainDepth ?? 0);
  return depth;
}

/** A sealed snapshot as evidence. */
export function toTriggerInput(signal: Signal): TriggerInput {
  const { qualityScore, failedTests, recordCount, batchId, partition, chainDepth } = signal;
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
    ...(chainDepth !== undefined && { chainDepth }),
  };
}

/** The columns of a signal that identify the snapshot of a trigger's input. */
export function fromTriggerInput({ outputPort, snapshot }: TriggerInput): SnapshotColumns {
  const { watermark, batchId, partition, revision, schemaHash } = snapshot;
  return {
    outputPortKey: outputPort.key,
    outputPortVersion: outputPort.version,
    stage: outputPort.stage,
    watermark,
    ...(batchId !== undefined && { batchId }),
    ...(partition !== undefined && { partition }),
    revision,
    schemaHash,
  };
}

type SnapshotColumns = Pick<
  Signal,
  'outputPortKey' | 'outputPortVersion' | 'stage' | 'watermark' | 'batchId' | 'partition' | 'revision' | 'schemaHash'
>;

/** The snapshots of a trigger by name and revision. */
export function toSnapshots(trigger: Pick<Trigger, 'inputs'>): { name: string; revision: number }[] {
  return trigger.inputs.map((input) => ({
    name: toSnapshotName(fromTriggerInput(input)),
    revision: input.snapshot.revision,
  }));
}

/** A matched signal is a seal, and a seal has every one of these; the schema made sure. */
function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`a sealed snapshot without ${name} cannot exist`);
  return value;
}
