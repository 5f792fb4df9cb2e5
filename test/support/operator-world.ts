import { createMemoryAuditLog } from '../../shared/adapters/memory/audit-log.js';
import { createMemoryLedger } from '../../shared/adapters/memory/ledger.js';
import { MemoryLedgerRows } from '../../shared/adapters/memory/ledger-rows.js';
import { createMemoryLedgerQueries } from '../../shared/adapters/memory/ledger-queries.js';
import { createMemoryControlStore, createMemoryReplayStore } from '../../shared/adapters/memory/operations.js';
import { createMemoryPortStates } from '../../shared/adapters/memory/port-states.js';
import {
  createMemoryQuarantineDesk,
  createMemoryQuarantineStore,
} from '../../shared/adapters/memory/quarantine-store.js';
import { createMemoryRegistryStore } from '../../shared/adapters/memory/registry-store.js';
import { createMemorySignalQueries } from '../../shared/adapters/memory/signal-queries.js';
import { createMemorySignalStore } from '../../shared/adapters/memory/signal-store.js';
import { createMemoryStageQueues, createMemoryTriggerTopic } from '../../shared/adapters/memory/stage-queues.js';
import type { QuarantineItem } from '../../shared/contracts/quarantine-item.js';
import type { RegistryDocument } from '../../shared/contracts/registry.js';
import type { Signal } from '../../shared/contracts/signal.js';
import { dispatch } from '../../shared/pipeline/dispatch.js';
import { evaluate } from '../../shared/pipeline/evaluate.js';
import { normalize } from '../../shared/pipeline/normalize.js';
import { toPauseSource } from '../../shared/pipeline/operators/control-source.js';
import { toOperatorDeps } from '../../shared/pipeline/operators/operator-deps.js';
import { sweep } from '../../shared/pipeline/sweep.js';
import type { PublishedEvent } from '../../shared/ports/event-publisher.js';
import { normalizeMessage } from '../fixtures/events.js';

/** Pipeline and operators' use cases over the same memory, with a clock of its own. */
export async function openOperatorWorld(document: RegistryDocument) {
  let nowMs = Date.parse('2026-03-11T02:00:00.000Z');
  let sequence = 0;
  const clock = { nowMs: () => nowMs };
  const [signalRows, ledgerRows] = [new Map<string, Signal>(), new MemoryLedgerRows()];
  const items = new Map<string, QuarantineItem>();
  const published: PublishedEvent[] = [];
  const registryStore = createMemoryRegistryStore();
  const stages = ['dev', 'test', 'prod'];
  const ports = {
    signals: createMemorySignalStore(signalRows),
    signalQueries: createMemorySignalQueries(signalRows),
    ledger: createMemoryLedger(ledgerRows),
    ledgerQueries: createMemoryLedgerQueries(ledgerRows),
    quarantine: createMemoryQuarantineStore(items),
    quarantineDesk: createMemoryQuarantineDesk(items),
    portStates: createMemoryPortStates(),
    registryStore,
    controlStore: createMemoryControlStore(),
    auditLog: createMemoryAuditLog(),
    replayStore: createMemoryReplayStore(),
    queues: createMemoryStageQueues(),
    topic: createMemoryTriggerTopic(),
    publisher: { publish: (events: readonly PublishedEvent[]) => Promise.resolve(void published.push(...events)) },
  };
  const operator = toOperatorDeps(ports, { stages, clock, refreshMs: 1 });
  const pauses = toPauseSource(operator.controls);
  const waits: number[] = [];
  const wait = (ms: number): Promise<void> => {
    waits.push(ms);
    nowMs += ms;
    return Promise.resolve();
  };
  const deps = { ...ports, ...operator, pauses, wait, leaseMs: 60_000, afterMs: 60_000, limitPerStage: 100 };

  async function apply(next: RegistryDocument): Promise<void> {
    const expected = await registryStore.pointer();
    const version = `${String(Number(expected?.version.slice(0, 6) ?? 0) + 1).padStart(6, '0')}-x`;
    await registryStore.publish({ version, document: next, expected, appliedAt: '', appliedBy: '' });
    nowMs += 10;
  }
  await apply(document);

  /** Let the queues run dry. */
  async function drain(): Promise<void> {
    while (ports.queues.waiting.length > 0) {
      for (const { message } of ports.queues.waiting.splice(0)) {
        if (message.kind === 'normalize') await normalize([message], deps);
        if (message.kind === 'evaluate') await evaluate([message], deps);
        if (message.kind === 'dispatch') await dispatch([message], deps);
      }
    }
  }

  return {
    deps,
    topic: ports.topic,
    published,
    waits,
    apply,
    drain,
    advance: (ms: number) => (nowMs += ms),
    sweep: () => sweep(deps),
    /** Send an event through the whole pipeline. */
    async publish(event: Parameters<typeof normalizeMessage>[0]): Promise<void> {
      nowMs += 1_000;
      const receivedAt = new Date(nowMs).toISOString();
      await ports.queues.toNormalize([{ ...normalizeMessage(event, ++sequence), receivedAt }]);
      await drain();
    },
  };
}
