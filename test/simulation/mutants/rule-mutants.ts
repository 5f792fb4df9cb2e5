import { mutant, type Mutant } from './mutant.js';

const decide = 'shared/domain/decide.ts';
const gates = 'shared/domain/gates.ts';
const identity = 'shared/domain/identity.ts';
const signal = 'shared/domain/signal.ts';
const admission = 'shared/domain/admission.ts';
const decode = 'shared/domain/decode/decode-event.ts';
const ledger = 'shared/adapters/memory/ledger.ts';
const signals = 'shared/adapters/memory/signal-store.ts';
const registries = 'shared/adapters/memory/registry-store.ts';

/** Rules, identities and what the stores promise, broken. */
export const ruleMutants: readonly Mutant[] = [
  mutant(
    'a trigger id comes from the event, not from the vector',
    decide,
    'toTriggerId(verdict.subscription, signal.stage, [signal])',
    'toTriggerId(verdict.subscription, signal.stage, [{ ...signal, batchId: signal.eventId }])',
  ),
  mutant(
    'one yes is enough',
    decide,
    "gates.every((gate) => gate.answer === 'pass')",
    "gates.some((gate) => gate.answer === 'pass')",
  ),
  mutant(
    'a decision bears the time of the machine',
    decide,
    'decidedAt: new Date(nowMs).toISOString(),',
    'decidedAt: new Date().toISOString(),',
  ),
  mutant('the stage is ignored', gates, 'if (signal.stage === entry.stage) return', 'if (entry.stage) return'),
  mutant(
    'the version is ignored',
    gates,
    'if (subscription.range.test(signal.outputPortVersion)) return',
    'if (facts.version) return',
  ),
  mutant(
    'the schema is ignored',
    gates,
    'if (signal.schemaHash !== undefined && subscription.acceptedSchemaHashes.has(signal.schemaHash)) {',
    'if (signal.schemaHash !== undefined) {',
  ),
  mutant('the quality is ignored', gates, 'if (rank < qualityStatuses.indexOf(minimum.status)) {', 'if (rank < -1) {'),
  mutant(
    'the score is ignored',
    gates,
    'if (signal.qualityScore >= minimum.score) return',
    'if (minimum.score >= 0) return',
  ),
  mutant(
    'age is counted to the time of the machine',
    gates,
    'Date.parse(signal.receivedAt) - toSnapshotTimeMs(signal)',
    'Date.now() - toSnapshotTimeMs(signal)',
  ),
  mutant('age is ignored', gates, 'if (ageMinutes <= maxAgeMinutes) return', 'if (maxAgeMinutes > 0) return'),
  mutant(
    'old snapshots fire new subscriptions',
    gates,
    'if (snapshotMs >= subscription.activeFromMs) return',
    'if (snapshotMs) return',
  ),
  mutant(
    'a retraction fires',
    gates,
    "if (signal.eventType === 'OutputPortSnapshotSealed') return",
    'if (signal.eventType) return',
  ),
  mutant('a corrected snapshot is the old one', identity, '    signal.revision,\n', ''),
  mutant('snapshots of all partitions are one', identity, '    signal.partition ?? null,\n', ''),
  mutant('the watermark is no part of the vector', identity, '    signal.watermark ?? null,\n', ''),
  mutant('member order changes the content', identity, 'sha256(canonicalize(event)', 'sha256(JSON.stringify(event)'),
  mutant(
    'a signal id comes from the content',
    signal,
    'signalId: toSignalId(event.producer.dataProduct, event.eventId),',
    'signalId: toSignalId(event.producer.dataProduct, message.contentHash),',
  ),
  mutant('the revision gets lost', signal, 'revision: revision ?? 0 })', 'revision: 0 })'),
  mutant(
    'anybody may publish for any port',
    admission,
    'port.dataProduct !== producer.dataProduct',
    'port.dataProduct === undefined',
  ),
  mutant('any stage will do', admission, '!stages.includes(outputPort.stage)', 'stages.length === 0'),
  mutant('broken text is mended silently', decode, 'fatal: true', 'fatal: false'),
  mutant(
    'a claim does not look at the lease',
    ledger,
    'Date.parse(leaseUntil) > nowMs',
    'Date.parse(leaseUntil) > Infinity',
  ),
  mutant('a sent trigger can be claimed', ledger, "if (entry.state === 'sent') return { kind: 'sent' };", ''),
  mutant('the last verdict stands', ledger, 'if (standing) return this.withEntry(standing);', ''),
  mutant('a vector fires for each event', ledger, 'if (first) {', 'if (first?.state === undefined && first) {'),
  mutant(
    'a conflict overwrites the signal',
    signals,
    "return { kind: 'conflict', first };",
    "{\n      signals.set(key, structuredClone(signal));\n      return { kind: 'stored' };\n    }",
  ),
  mutant(
    'every redelivery is a duplicate',
    signals,
    'if (isSameOrigin(first.origin, signal.origin))',
    'if (first === signal)',
  ),
  mutant(
    'the registry pointer moves without its etag',
    registries,
    'if (pointer?.etag !== expected?.etag) return',
    'if (version === undefined) return',
  ),
];
