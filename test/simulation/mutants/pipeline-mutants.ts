import { mutant, type Mutant } from './mutant.js';

const ingest = 'shared/pipeline/ingest.ts';
const normalize = 'shared/pipeline/normalize.ts';
const receipts = 'shared/pipeline/record-receipts.ts';
const evaluate = 'shared/pipeline/evaluate.ts';
const dispatch = 'shared/pipeline/dispatch.ts';
const sweep = 'shared/pipeline/sweep.ts';
const handOn = 'shared/pipeline/direct-hand-on.ts';
const driver = 'shared/pipeline/batch-driver.ts';
const source = 'shared/pipeline/registry-source.ts';
const reading = 'shared/pipeline/refreshed-reading.ts';
const publish = 'shared/pipeline/registry/publish-registry.ts';
const channels = 'shared/pipeline/registry/channels.ts';

const putRefused = 'if (refused.length > 0) await deps.quarantine.put(refused);';
const send = 'const outcomes = claimed.length > 0 ? await deps.topic.send(claimed) : [];';

/** The use cases, broken. */
export const pipelineMutants: readonly Mutant[] = [
  mutant('ingest drops what it cannot read', ingest, 'quarantined.length > 0 && deps.quarantine.put(quarantined),', ''),
  mutant(
    'the checkpoint does not wait for the queue',
    ingest,
    'passedOn.length > 0 && deps.queues.toNormalize(passedOn),',
    'passedOn.length > 0 && void deps.queues.toNormalize(passedOn).catch(() => undefined),',
  ),
  mutant(
    'the checkpoint does not wait for quarantine',
    ingest,
    'quarantined.length > 0 && deps.quarantine.put(quarantined),',
    'quarantined.length > 0 && void deps.quarantine.put(quarantined).catch(() => undefined),',
  ),
  mutant(
    'what stands is sent as if this call had recorded it',
    evaluate,
    "outcomes.filter(({ kind }) => kind === 'recorded')",
    'outcomes',
  ),
  mutant('what a stage failed at is forgotten', handOn, 'await toQueue(messages);', ''),
  mutant(
    'the checkpoint does not wait for the queue of a stage that failed',
    handOn,
    'await toQueue(messages);',
    'void toQueue(messages).catch(() => undefined);',
  ),
  mutant('ingest swallows faults', ingest, 'await Promise.all([', 'await Promise.allSettled(['),
  mutant('ingest has no retry policy', 'functions/ingest.ts', 'maxRetryCount: -1,', 'maxRetryCount: 0,'),
  mutant('ingest gives up after two retries', 'functions/ingest.ts', 'maxRetryCount: -1,', 'maxRetryCount: 2,'),
  mutant(
    'the content hash covers the event id alone',
    ingest,
    'contentHash: toContentHash(event),',
    'contentHash: toContentHash(event.eventId),',
  ),
  mutant('normalize drops what it refuses', normalize, putRefused, ''),
  mutant(
    'normalize does not wait for quarantine',
    normalize,
    putRefused,
    'if (refused.length > 0) void deps.quarantine.put(refused).catch(() => undefined);',
  ),
  mutant(
    'a retried signal is taken for done',
    normalize,
    "outcome?.kind === 'redelivered' ? [outcome.first] : []",
    '[]',
  ),
  mutant(
    'a retried signal goes on as the retry reads it',
    normalize,
    "outcome?.kind === 'redelivered' ? [outcome.first] : []",
    "outcome?.kind === 'redelivered' ? [signal] : []",
  ),
  mutant(
    'a conflict is ignored',
    normalize,
    "outcome.kind === 'conflict' && message",
    "outcome.kind === 'conflict' && message && false",
  ),
  mutant(
    'nothing is refused',
    normalize,
    'if (refusal && !(await isStored(message, deps.signals)))',
    'if (refusal && false)',
  ),
  mutant(
    'a registry change refuses what was stored',
    normalize,
    'if (refusal && !(await isStored(message, deps.signals)))',
    'if (refusal)',
  ),
  mutant(
    'normalize hands on before it stores',
    normalize,
    'const outcomes = await deps.signals.insert(',
    "await deps.queues.toEvaluate(admitted.map(({ signal }) => ({ kind: 'evaluate', signal })));\n  const outcomes = await deps.signals.insert(",
  ),
  mutant(
    'normalize stores nothing it was told twice',
    normalize,
    "if (outcome?.kind === 'stored') return [signal];",
    "if (outcome?.kind === 'stored') return [];",
  ),
  mutant('receipts are not kept', receipts, 'await ledger.addReceipt(toReceipt(message));', ''),
  mutant('anybody may report', receipts, 'entry.trigger.consumer !== event.consumer', 'false'),
  mutant(
    'only verdicts that say yes are kept',
    evaluate,
    'ledger.record(leased)',
    'ledger.record(leased.filter(({ trigger }) => trigger))',
  ),
  mutant(
    'evaluate looks at the first message only',
    evaluate,
    'messages.map(({ signal }) => signal)',
    'messages.slice(0, 1).map(({ signal }) => signal)',
  ),
  mutant(
    'evaluate does not wait for the ledger',
    evaluate,
    'leased.length > 0 ? ledger.record(leased) : []',
    '(void ledger.record(leased).catch(() => []), [])',
  ),
  mutant('dispatch claims nothing', dispatch, 'await claim(free, deps)', 'free.map(({ trigger }) => trigger)'),
  {
    name: 'dispatch claims after it sends',
    file: dispatch,
    edits: [
      { find: 'await claim(free, deps)', replace: 'free.map(({ trigger }) => trigger)' },
      { find: send, replace: `${send}\n  await deps.ledger.claim(claimed, { ...deps, nowMs: deps.clock.nowMs() });` },
    ],
  },
  mutant(
    'dispatch sends what another holds',
    dispatch,
    "claims[index]?.kind === 'claimed'",
    "claims[index]?.kind !== 'unknown'",
  ),
  mutant(
    'dispatch calls a trigger sent before it sends',
    dispatch,
    send,
    `await deps.ledger.markSent(claimed, new Date(deps.clock.nowMs()).toISOString());\n  ${send}`,
  ),
  mutant(
    'dispatch never marks',
    dispatch,
    'if (sent.length > 0) await deps.ledger.markSent(',
    'if (sent.length > 1_000) await deps.ledger.markSent(',
  ),
  mutant(
    'dispatch drops what the topic refuses',
    dispatch,
    'await quarantine.put(refusals.map((refusal, index) => toRecord(refusal, times[index], clock)));',
    '',
  ),
  mutant(
    'what is refused once more has no record of its own',
    dispatch,
    'toRecord(refusal, times[index], clock)',
    'toRecord(refusal, undefined, clock)',
  ),
  mutant('dispatch calls refused triggers sent', dispatch, "outcomes[index]?.kind === 'sent'", 'true'),
  mutant('the sweep does nothing', sweep, 'await handOn(stuck, deps);', ''),
  mutant('the sweep skips leases that ran out', sweep, 'Date.parse(entry.leaseUntil) <= nowMs', 'false'),
  mutant(
    'the sweep skips what is pending',
    sweep,
    "case 'pending':\n      return true;",
    "case 'pending':\n      return false;",
  ),
  mutant('the sweep looks at one stage', sweep, 'deps.stages.map(', 'deps.stages.slice(0, 1).map('),
  mutant('failed messages are dropped', driver, 'if (again.length > 0) await', 'if (again.length > 1_000) await'),
  mutant('a fault parks a message at once', driver, 'const maxAttempts = 24;', 'const maxAttempts = 1;'),
  mutant('unreadable messages are dropped', driver, 'if (parked.length > 0) await', 'if (parked.length > 1_000) await'),
  mutant(
    'a batch that cannot go back counts as done',
    driver,
    'await deps.queues.again(again.map((failure) => toNextAttempt(failure, deps.clock)));',
    'await deps.queues.again(again.map((failure) => toNextAttempt(failure, deps.clock))).catch(() => undefined);',
  ),
  mutant(
    'a host keeps its first registry',
    source,
    'pointer.version === compiled?.version)',
    'compiled !== undefined)',
  ),
  mutant('a clock set back stops the registry', reading, ' && ageMs >= 0', ''),
  mutant('apply does not notice it was overtaken', publish, 'if (!won) return', 'if (!won && false) return'),
  {
    name: 'apply makes channels last',
    file: publish,
    edits: [
      {
        find: 'const created = await ensureChannels(document, deps.channels);',
        replace: 'const created: string[] = [];',
      },
      {
        find: "return { kind: 'applied', version, channels",
        replace: "await ensureChannels(document, deps.channels);\n  return { kind: 'applied', version, channels",
      },
    ],
  },
  mutant('apply removes the channels it needs', channels, 'if (needed.has(consumer)', 'if (!needed.has(consumer)'),
];
