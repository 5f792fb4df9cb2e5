import { createMemoryLedger } from '../../shared/adapters/memory/ledger.js';
import { createMemoryPortStates } from '../../shared/adapters/memory/port-states.js';
import { createMemoryQuarantineStore } from '../../shared/adapters/memory/quarantine-store.js';
import { createMemoryRegistryStore } from '../../shared/adapters/memory/registry-store.js';
import { createMemorySignalStore } from '../../shared/adapters/memory/signal-store.js';
import { createMemoryStageQueues, createMemoryTriggerTopic } from '../../shared/adapters/memory/stage-queues.js';
import type { HandOn } from '../../shared/config/settings.js';
import { DispatchMessage, EvaluateMessage, NormalizeMessage } from '../../shared/contracts/stage-messages.js';
import type { RegistryDocument } from '../../shared/contracts/registry.js';
import { RetryableError } from '../../shared/ports/errors.js';
import { type DriverCounts, runBatch } from '../../shared/pipeline/batch-driver.js';
import { noPauses } from '../../shared/pipeline/pause-source.js';
import { createRegistrySource } from '../../shared/pipeline/registry-source.js';
import type { StageReport } from '../../shared/pipeline/stage-report.js';
import { createDirectMemory, toDirectStages, toQueuedStages } from '../../shared/pipeline/stages.js';
import { sweep } from '../../shared/pipeline/sweep.js';

/** Stands between the use cases and a port: may throw before or after the call takes effect. */
export type Interference = (call: string, effect: () => Promise<unknown>) => Promise<unknown>;

const leaseMs = 60_000;
const stages = ['dev', 'prod'];

/** The whole pipeline over memory adapters, with a clock of its own and a hand on every port call. */
export async function openMemoryWorld(document: RegistryDocument, handOn: HandOn = 'queued') {
  let nowMs = Date.parse('2026-03-11T02:00:00.000Z');
  let interfere: Interference = (_, effect) => effect();
  const watched = <T extends object>(name: string, port: T): T =>
    new Proxy(port, {
      get(target, member, receiver): unknown {
        const value: unknown = Reflect.get(target, member, receiver);
        if (typeof value !== 'function') return value;
        const call = `${name}.${String(member)}`;
        return (...args: unknown[]) => interfere(call, () => Reflect.apply(value, target, args) as Promise<unknown>);
      },
    });

  const raw = {
    signals: createMemorySignalStore(),
    ledger: createMemoryLedger(),
    portStates: createMemoryPortStates(),
    quarantine: createMemoryQuarantineStore(),
    queues: createMemoryStageQueues(),
    topic: createMemoryTriggerTopic(),
    registryStore: createMemoryRegistryStore(),
  };
  await raw.registryStore.publish({ version: '000001-a', document, expected: undefined, appliedAt: '', appliedBy: '' });
  const clock = { nowMs: () => nowMs };
  const signals = watched('signals', raw.signals);
  const ledger = watched('ledger', raw.ledger);
  const quarantine = watched('quarantine', raw.quarantine);
  const queues = watched('queues', raw.queues);
  const topic = watched('topic', raw.topic);
  const registry = createRegistrySource(raw.registryStore, clock, 1_000);
  const portStates = watched('portStates', raw.portStates);
  const deps = {
    signals,
    ledger,
    portStates,
    pauses: noPauses,
    quarantine,
    queues,
    topic,
    registry,
    stages,
    clock,
    leaseMs,
  };

  /** What the stages reported, in order. */
  const reported: string[] = [];
  const report: StageReport = {
    handled: (stage, { handled }) => reported.push(`${stage} handled ${handled}`),
    fault: (stage, error) => reported.push(`${stage} failed: ${String(error)}`),
  };
  const work = handOn === 'direct' ? toDirectStages(deps, createDirectMemory(clock), report) : toQueuedStages(deps);

  const runs = {
    normalize: (delivered: unknown[]) =>
      runBatch(
        { queue: 'normalize', delivered, parse: (m) => NormalizeMessage.safeParse(m), handle: work.normalize },
        deps,
      ),
    evaluate: (delivered: unknown[]) =>
      runBatch(
        { queue: 'evaluate', delivered, parse: (m) => EvaluateMessage.safeParse(m), handle: work.evaluate },
        deps,
      ),
    dispatch: (delivered: unknown[]) =>
      runBatch(
        { queue: 'dispatch', delivered, parse: (m) => DispatchMessage.safeParse(m), handle: work.dispatch },
        deps,
      ),
  };

  /** Deliver what waits, round by round; a batch whose run threw is delivered again, as a queue does. */
  async function drain(): Promise<void> {
    for (let round = 0; round < 1_000; round += 1) {
      const due = raw.queues.waiting.filter(({ atMs }) => atMs === undefined || atMs <= nowMs);
      if (due.length === 0) return;
      for (const kind of ['normalize', 'evaluate', 'dispatch'] as const) {
        const own = due.filter(({ message }) => message.kind === kind);
        if (own.length === 0) continue;
        const run: Promise<DriverCounts> = runs[kind](own.map(({ message }) => message));
        const completed = await run.then(
          () => true,
          () => false,
        );
        if (completed) for (const each of own) raw.queues.waiting.splice(raw.queues.waiting.indexOf(each), 1);
      }
    }
    throw new Error('the queues never ran dry');
  }

  return {
    ...raw,
    reported,
    ingest: work.ingest,
    drain,
    sweep: () => sweep({ ...deps, afterMs: leaseMs, limitPerStage: 1_000 }),
    interfere: (next: Interference) => (interfere = next),
    /** The port call of this number fails once: before it takes effect, or after, with its answer lost. */
    failCall(victim: number, moment: 'before' | 'after'): void {
      let number = 0;
      interfere = async (call, effect) => {
        const fails = number++ === victim;
        if (fails && moment === 'before') throw new RetryableError(`${call} failed`);
        const result = await effect();
        if (fails) throw new RetryableError(`${call} was applied, its answer lost`);
        return result;
      };
    },
    advance: (ms: number) => (nowMs += ms),
    runs,
  };
}
