import { mutant, type Mutant } from './mutant.js';

const decide = 'shared/domain/decide.ts';
const gates = 'shared/domain/gates.ts';
const identity = 'shared/domain/identity.ts';
const signal = 'shared/domain/signal.ts';
const ingest = 'shared/pipeline/ingest.ts';
const admission = 'shared/domain/admission.ts';
const trigger = 'shared/domain/trigger.ts';
const verdict = 'shared/domain/verdict.ts';
const retraction = 'shared/domain/retraction.ts';
const decode = 'shared/domain/decode/body-text.ts';
const ledger = 'shared/adapters/memory/ledger.ts';
const rows = 'shared/adapters/memory/ledger-rows.ts';
const signals = 'shared/adapters/memory/signal-store.ts';
const registries = 'shared/adapters/memory/registry-store.ts';

/** Rules, identities and what the stores promise, broken. */
export const ruleMutants: readonly Mutant[] = [
  mutant(
    'a trigger id comes from the event, not from the vector',
    trigger,
    'verdict.subscriptionStage, inputs)',
    'verdict.subscriptionStage, inputs.map((each) => ({ ...each, snapshot: { ...each.snapshot, batchId: each.eventId } })))',
  ),
  mutant('a no does not matter', decide, "gates.filter(({ answer }) => answer === 'fail')", '[] as GateAnswer[]'),
  mutant(
    'a decision bears the time of the machine',
    verdict,
    'decidedAt: toDecidedAt(decided.nowMs),',
    'decidedAt: new Date().toISOString(),',
  ),
  mutant('the stage is ignored', gates, 'if (signal.stage === wish.stage) return', 'if (wish.stage) return'),
  mutant('the version is ignored', gates, 'if (isInRange(wish, signal.outputPortVersion))', 'if (facts.version)'),
  mutant('the schema is ignored', gates, 'if (listed) return', 'if (accepted) return'),
  mutant('the quality is ignored', gates, 'if (rank < qualityStatuses.indexOf(minimum.status)) {', 'if (rank < -1) {'),
  mutant('the score is ignored', gates, 'if (signal.qualityScore >= minimum.score)', 'if (minimum.score >= 0)'),
  mutant(
    'age is counted to the time of the machine',
    gates,
    'receivedMs: toReceiptMs(signal.receivedAt)',
    'receivedMs: Date.now()',
  ),
  mutant('age is ignored', gates, 'if (ageMinutes <= maxAgeMinutes)', 'if (maxAgeMinutes > 0)'),
  mutant('old snapshots fire new subscriptions', gates, 'if (snapshotMs >= start.ms) return', 'if (snapshotMs) return'),
  mutant(
    'a retraction fires',
    gates,
    "if (signal.eventType === 'OutputPortSnapshotSealed') return",
    'if (signal.eventType) return',
  ),
  mutant('a corrected snapshot is the old one', identity, 'toPart(String(snapshot.revision)) + ', ''),
  mutant('snapshots of all partitions are one', identity, ' + toPart(snapshot.partition)', ''),
  mutant('the watermark is no part of the vector', identity, 'toPart(snapshot.watermark) + ', ''),
  mutant('member order changes the content', identity, 'toCanonicalJson(event), ', 'JSON.stringify(event), '),
  mutant(
    'a signal id comes from the content',
    ingest,
    'toEventIdentity(producer, event.eventId)',
    'toEventIdentity(producer, toContentHash(event))',
  ),
  mutant('the revision gets lost', signal, 'if (revision !== undefined) draft.revision = revision;', ''),
  mutant(
    'anybody may publish for any port',
    admission,
    "if (state === 'not-required' || state === 'valid') return",
    'if (state) return',
  ),
  mutant('any stage will do', admission, '!stages.includes(outputPort.stage)', 'stages.length === 0'),
  mutant('broken text is mended silently', decode, 'fatal: true, ignoreBOM', 'fatal: false, ignoreBOM'),
  mutant(
    'a claim does not look at the lease',
    ledger,
    'Date.parse(leaseUntil) > nowMs',
    'Date.parse(leaseUntil) > Infinity',
  ),
  mutant(
    'a sent trigger can be claimed',
    ledger,
    "if (entry.state === 'sent') return { kind: 'sent' };\n    if (entry.state !== 'pending' && entry.state !== 'dispatching') return",
    "if (entry.state === 'held') return",
  ),
  mutant(
    'the last verdict stands',
    ledger,
    'const standing = this.rows.verdicts.get(toVerdictKey(verdict));',
    'const standing = undefined as Verdict | undefined;',
  ),
  mutant(
    'a retraction tells nobody',
    retraction,
    'const [first] = taken.sent;',
    'const [first] = taken.sent.slice(0, 0);',
  ),
  mutant('a retracted snapshot still fires', rows, "if (trigger?.kind !== 'trigger') return false;", 'return false;'),
  mutant(
    'a retraction lets pending triggers go',
    ledger,
    "return open ? this.rows.change(triggerId, { state: 'withdrawn' }) : entry;",
    'return entry;',
  ),
  mutant(
    'a schema that breaks its contract fires',
    gates,
    'if (breach && isInRange(wish, version) &&',
    'if (breach && !breach.declared &&',
  ),
  mutant('a vector fires for each event', ledger, 'if (first) {', 'if (first?.state === undefined && first) {'),
  mutant(
    'a conflict overwrites the signal',
    signals,
    "return { kind: 'conflict', first };",
    "{\n      signals.set(key, structuredClone(signal));\n      return { kind: 'stored' };\n    }",
  ),
  mutant(
    'a hub made anew is the old one',
    'shared/contracts/origin.ts',
    'a.enqueuedAt === b.enqueuedAt',
    'a.hub === b.hub',
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
