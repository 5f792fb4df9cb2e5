import { rcompare } from 'semver';
import type { Remedy } from '../../contracts/api/explanation.js';
import { qualityStatuses } from '../../contracts/events/quality.js';
import type { ContractEntry } from '../../contracts/registry.js';
import type { Signal } from '../../contracts/signal.js';
import type { SubscriptionInput } from '../../contracts/subscription.js';
import type { GateAnswer } from '../../contracts/verdict.js';
import { type CompiledInput, type CompiledRegistry, isInRange } from '../compiled-registry.js';
import type { PortWish } from '../port-wish.js';
import { answerGates } from '../gates.js';
import { toSnapshotTimeMs } from '../watermark.js';
import { toSubscriptionRemedy } from './subscription-remedy.js';

/** What stands between a signal and a trigger of one subscription. */
export interface RemedyContext {
  readonly signal: Signal;
  readonly wish: PortWish;
  readonly registry: CompiledRegistry;
  readonly gates: readonly GateAnswer[];
}

/** Gates that are answered where their rows are; what they ask for is told from those rows. */
const elsewhere: ReadonlySet<string> = new Set(['set', 'retraction']);

/**
 * The smallest sets of facts that would make a subscription's gates say yes: one event of the producer, or one change
 * of the subscription by its consumer, each tried with the gates themselves.
 */
export function toRemedies(context: RemedyContext): Remedy[] {
  const errors = context.gates.filter(({ answer }) => answer === 'error').map((gate) => toRepair(gate, context));
  const failing = context.gates.filter(
    ({ gate, answer, holds }) => answer === 'fail' && !holds && !elsewhere.has(gate),
  );
  if (failing.length === 0) return errors;
  return [...errors, toEventRemedy(failing, context), ...toSubscriptionRemedy(failing, context)];
}

function toRepair({ gate, reason }: GateAnswer, { registry, wish }: RemedyContext): Remedy {
  const fact = `gate ${gate} can answer again (${reason}); then replay the event`;
  const owner = toOwner(wish.subscription.entry.consumer, registry);
  return { kind: 'repair', fact, ...owner, gates: [gate], verified: false };
}

/** A seal that answers every failing gate, next to the signal as it was. */
function toEventRemedy(failing: readonly GateAnswer[], context: RemedyContext): Remedy {
  const { signal, wish, registry } = context;
  const port = registry.ports.get(signal.outputPortKey);
  const owner = toOwner(port?.entry.dataProduct ?? signal.producerDp, registry);
  const gates = failing.map(({ gate }) => gate);
  const contract = findContract(wish.input, port?.entry.contracts ?? []);
  if (contract === undefined) {
    const fact = `a contract version of ${signal.outputPortKey} in range ${wish.input.input.versions} is declared, and a snapshot with it is sealed`;
    return { kind: 'registry', fact, ...owner, gates, verified: false };
  }
  const wished = toWishedSignal(context, contract);
  const fact = `a snapshot of ${signal.outputPortKey} is sealed in stage ${wished.stage}${toWishes(failing, wished, wish)}`;
  const answers = answerGates({ signal: wished, wish, registry, nowMs: Date.parse(wished.receivedAt) });
  return { kind: 'event', fact, ...owner, gates, verified: answers.every(({ answer }) => answer === 'pass') };
}

/** The newest contract version in range whose schema the input accepts. */
function findContract(input: CompiledInput, contracts: readonly ContractEntry[]): ContractEntry | undefined {
  const accepted = contracts.filter(
    ({ version, schemaHash }) => isInRange(input, version) && input.acceptedSchemaHashes.includes(schemaHash),
  );
  return accepted.sort((a, b) => rcompare(a.version, b.version))[0];
}

function toWishedSignal({ signal, wish, registry }: RemedyContext, contract: ContractEntry): Signal {
  const { subscription, input } = wish;
  const { freshness, minimumQuality } = input.input;
  const keepsVersion =
    isInRange(input, signal.outputPortVersion) && input.acceptedSchemaHashes.includes(signal.schemaHash ?? '');
  const snapshotMs = Math.max(toSnapshotTimeMs(signal), subscription.activeFromMs);
  const watermark = snapshotMs === toSnapshotTimeMs(signal) ? signal.watermark : undefined;
  const ageMs = (freshness?.maxAgeMinutes ?? Number.POSITIVE_INFINITY) * 60_000;
  const receivedMs = Math.max(Math.min(Date.parse(signal.receivedAt), snapshotMs + ageMs), snapshotMs);
  const { chainDepth: _depth, cause: _cause, ...rest } = signal;
  return {
    ...rest,
    eventType: 'OutputPortSnapshotSealed',
    producerDp: registry.ports.get(signal.outputPortKey)?.entry.dataProduct ?? signal.producerDp,
    stage: subscription.entry.stage,
    outputPortVersion: keepsVersion ? signal.outputPortVersion : contract.version,
    schemaHash: keepsVersion ? (signal.schemaHash ?? contract.schemaHash) : contract.schemaHash,
    watermark: watermark ?? new Date(snapshotMs).toISOString(),
    receivedAt: new Date(receivedMs).toISOString(),
    ruleset: minimumQuality.ruleset ?? signal.ruleset ?? contract.ruleset ?? 'as declared',
    qualityStatus: toBetter(signal.qualityStatus, minimumQuality.status),
    ...(minimumQuality.score !== undefined && {
      qualityScore: Math.max(signal.qualityScore ?? 0, minimumQuality.score),
    }),
  };
}

type Status = (typeof qualityStatuses)[number];

function toBetter(have: Status | undefined, wanted: Status): Status {
  return have !== undefined && qualityStatuses.indexOf(have) >= qualityStatuses.indexOf(wanted) ? have : wanted;
}

/** What the seal must say, as far as the signal did not. */
function toWishes(failing: readonly GateAnswer[], wished: Signal, { subscription, input }: PortWish): string {
  const { freshness } = input.input;
  const wishes: Readonly<Record<string, string>> = {
    version: `version ${wished.outputPortVersion}`,
    'schema-hash': `schema hash ${wished.schemaHash ?? ''}`,
    quality: toQualityWish(input.input),
    freshness: `received within ${freshness?.maxAgeMinutes ?? 0} minutes of its watermark`,
    'active-from': `watermark ${subscription.entry.activeFrom} or later`,
    producer: `published by ${wished.producerDp}`,
    'chain-depth': 'by a run that no chain of triggers led to',
    cause: 'by a live run',
  };
  const named = failing.flatMap(({ gate }) => wishes[gate] ?? []);
  return named.length === 0 ? '' : `: ${named.join(', ')}`;
}

function toQualityWish({ minimumQuality }: SubscriptionInput): string {
  const score = minimumQuality.score === undefined ? '' : ` and score ${minimumQuality.score} or more`;
  const ruleset = minimumQuality.ruleset === undefined ? '' : ` by ruleset ${minimumQuality.ruleset}`;
  return `quality ${minimumQuality.status} or better${score}${ruleset}`;
}

/** The team behind a data product. */
export function toOwner(product: string, registry: CompiledRegistry): { product: string; owner: string } {
  return { product, owner: registry.products.get(product)?.owner ?? 'unknown' };
}
