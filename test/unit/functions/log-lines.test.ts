import { InvocationContext } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import type { Compose, Composition } from '../../../functions/compose.js';
import { registerDispatch } from '../../../functions/dispatch.js';
import { registerEvaluate } from '../../../functions/evaluate.js';
import { registerIngest } from '../../../functions/ingest.js';
import { addUp } from '../../../functions/log-line.js';
import { registerNormalize } from '../../../functions/normalize.js';
import { registerSweep } from '../../../functions/sweep.js';
import { createMemoryLedger } from '../../../shared/adapters/memory/ledger.js';
import { createMemoryPortStates } from '../../../shared/adapters/memory/port-states.js';
import { createMemoryQuarantineStore } from '../../../shared/adapters/memory/quarantine-store.js';
import { createMemoryRegistryStore } from '../../../shared/adapters/memory/registry-store.js';
import { createMemorySignalStore } from '../../../shared/adapters/memory/signal-store.js';
import { createMemoryStageQueues, createMemoryTriggerTopic } from '../../../shared/adapters/memory/stage-queues.js';
import { parseSettings } from '../../../shared/config/settings.js';
import { LogRecord } from '../../../shared/contracts/log-record.js';
import type { StageMessage } from '../../../shared/contracts/stage-messages.js';
import { RetryableError } from '../../../shared/ports/errors.js';
import { noPauses } from '../../../shared/pipeline/pause-source.js';
import { toQueuedStages } from '../../../shared/pipeline/stages.js';
import { createRegistrySource } from '../../../shared/pipeline/registry-source.js';
import { registryDocument, sealedEvent } from '../../fixtures/events.js';

type Handler = (input: unknown, context: InvocationContext) => unknown;

/** The registered functions over memory adapters; every line they log is parsed as a log record. */
async function openFunctions() {
  let nowMs = Date.parse('2026-03-11T02:00:00.000Z');
  const clock = { nowMs: () => nowMs };
  const settings = parseSettings({ EVENTHUB: 'x', SERVICEBUS: 'x', OUTPORT_TABLES: 'x' });
  const { stages, dispatchLeaseMs: leaseMs } = settings;
  const [ledger, quarantine, queues] = [createMemoryLedger(), createMemoryQuarantineStore(), createMemoryStageQueues()];
  const [topic, signals, portStates] = [
    createMemoryTriggerTopic(),
    createMemorySignalStore(),
    createMemoryPortStates(),
  ];
  const registryStore = createMemoryRegistryStore();
  const entry = {
    version: '000001-a',
    document: registryDocument(),
    expected: undefined,
    appliedAt: '',
    appliedBy: '',
  };
  await registryStore.publish(entry);
  const registry = createRegistrySource(registryStore, clock, 1_000);
  const deps = { signals, ledger, portStates, quarantine, queues, topic, registry, stages, clock, leaseMs };
  const all = { ...deps, pauses: noPauses, afterMs: settings.sweepAfterMs, limitPerStage: 1_000 };
  const composition: Composition = {
    settings,
    registry,
    driverDeps: all,
    stagesFor: () => toQueuedStages(all),
    sweepDeps: all,
  };
  const handlers = new Map<string, Handler>();
  const register = (name: string, options: { handler: Handler }): unknown => handlers.set(name, options.handler);
  // Registration calls these three and nothing else of the library's app.
  const app = { eventHub: register, serviceBusQueue: register, timer: register } as unknown as Parameters<
    typeof registerIngest
  >[0] &
    Parameters<typeof registerNormalize>[0] &
    Parameters<typeof registerSweep>[0];
  const compose: Compose = () => Promise.resolve(composition);
  for (const each of [registerIngest, registerNormalize, registerEvaluate, registerDispatch, registerSweep]) {
    each(app, compose);
  }
  return {
    queues,
    take(kind: StageMessage['kind']): StageMessage[] {
      return queues.waiting.splice(0).flatMap(({ message }) => (message.kind === kind ? [message] : []));
    },
    advance: (ms: number) => (nowMs += ms),
    async run(name: string, input: unknown, triggerMetadata = {}): Promise<LogRecord[]> {
      const lines: LogRecord[] = [];
      const context = new InvocationContext({
        functionName: name,
        triggerMetadata,
        logHandler: (_level, line) => lines.push(LogRecord.parse(JSON.parse(String(line)))),
      });
      await handlers.get(name)?.(input, context);
      return lines;
    },
  };
}

const metadata = {
  partitionContext: { partitionId: '0' },
  sequenceNumberArray: [1, 2],
  offsetStringArray: ['1', '2'],
  enqueuedTimeUtcArray: ['2026-03-11T01:59:50Z', '2026-03-11T01:59:50Z'],
  propertiesArray: [{}, {}],
};
const bodies = [Buffer.from(JSON.stringify(sealedEvent())), Buffer.from('no event')];

describe('the lines the functions log', () => {
  it('say of each stage what became of its batch', async () => {
    const functions = await openFunctions();

    expect(await functions.run('ingest', bodies, metadata)).toEqual([
      { event: 'ingested', passedOn: 1, quarantined: 1 },
    ]);
    expect(await functions.run('normalize', functions.take('normalize'))).toMatchObject([
      { event: 'normalize', handled: 1, putBack: 0, parked: 0, stored: 1, duplicates: 0 },
    ]);
    expect(await functions.run('evaluate', functions.take('evaluate'))).toMatchObject([
      { event: 'evaluate', handled: 1, verdicts: 1, matched: 1 },
    ]);
    functions.advance(4_000);
    expect(await functions.run('dispatch', functions.take('dispatch'))).toMatchObject([
      { event: 'dispatch', handled: 1, sent: 1, refused: 0, slowestMs: 4_000 },
    ]);
  });

  it('tell a fault and what was put back', async () => {
    const functions = await openFunctions();
    await functions.run('ingest', bodies, metadata);
    const messages = functions.take('normalize');
    functions.queues.toEvaluate = () => Promise.reject(new RetryableError('the broker is away'));

    expect(await functions.run('normalize', messages)).toEqual([
      { event: 'fault', stage: 'normalize', fault: 'RetryableError: the broker is away' },
      { event: 'normalize', handled: 0, putBack: 1, parked: 0 },
    ]);
  });

  it('tell with every sweep how long the oldest trigger waits, also when none does', async () => {
    const functions = await openFunctions();

    expect(await functions.run('sweep', {})).toEqual([
      { event: 'swept', handedOn: 0, released: 0, waiting: 0, oldestPendingMs: 0 },
    ]);
    await functions.run('ingest', bodies, metadata);
    await functions.run('normalize', functions.take('normalize'));
    await functions.run('evaluate', functions.take('evaluate'));
    functions.advance(90_000);

    expect(await functions.run('sweep', {})).toEqual([
      { event: 'swept', handedOn: 1, released: 0, waiting: 1, oldestPendingMs: 90_000 },
    ]);
  });

  it('add counts up over the groups of a batch and keep the longest duration', () => {
    expect(addUp([{ sent: 2, slowestMs: 900 }, { sent: 1, slowestMs: 40 }, {}])).toEqual({ sent: 3, slowestMs: 900 });
  });
});
