import { describe, expect, it } from 'vitest';
import { createMemoryQuarantineStore } from '../../../shared/adapters/memory/quarantine-store.js';
import { createMemoryTriggerTopic } from '../../../shared/adapters/memory/stage-queues.js';
import { Trigger } from '../../../shared/contracts/trigger.js';
import { dispatch, type DispatchDeps } from '../../../shared/pipeline/dispatch.js';
import { noPauses } from '../../../shared/pipeline/pause-source.js';
import { toDispatchMessage } from '../../../shared/pipeline/to-dispatch-message.js';

const nowMs = Date.parse('2026-03-11T02:00:00.000Z');
const hold = { code: 'throttled' as const, reason: 'one an hour' };

/** A trigger whose last input came `agoMs` before now. */
function trigger(name: string, agoMs: number, rest: Partial<Trigger> = {}): Trigger {
  return Trigger.parse({
    triggerId: `prod.00.${name.padEnd(26, 'a')}`,
    subscription: 'sub.finance.revenue.orders',
    consumer: 'dp.finance.revenue',
    stage: 'prod',
    cause: 'live',
    inputs: [
      {
        eventId: 'e',
        signalId: 's',
        outputPort: { key: 'op.sales.orders.daily', version: '2.1.0', stage: 'prod' },
        snapshot: {
          watermark: 'w',
          revision: 0,
          schemaHash: 'sha256:9f2c1a7be04d55e1',
          quality: { status: 'passed', ruleset: 'r@1' },
        },
        producer: 'dp.sales.orders',
        occurredAt: new Date(nowMs - agoMs).toISOString(),
        receivedAt: new Date(nowMs - agoMs).toISOString(),
      },
    ],
    evidence: { verdictId: 'v', registryVersion: '1', gates: [] },
    correlationId: 'c',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    decidedAt: new Date(nowMs).toISOString(),
    ...rest,
  });
}

async function slowestOf(...triggers: Trigger[]): Promise<number> {
  const deps: DispatchDeps = {
    ledger: {
      claim: (requests) => Promise.resolve(requests.map(() => ({ kind: 'claimed', etag: 'e' }))),
      markSent: () => Promise.resolve(),
      markRefused: () => Promise.resolve(),
      hold: () => Promise.reject(new Error('nothing is paused')),
      get: () => Promise.reject(new Error('nothing is refused')),
    },
    topic: createMemoryTriggerTopic(),
    quarantine: createMemoryQuarantineStore(),
    pauses: noPauses,
    clock: { nowMs: () => nowMs },
    leaseMs: 60_000,
  };
  const counts = await dispatch(
    triggers.map((each) => toDispatchMessage({ trigger: each, state: 'pending', etag: '' })),
    deps,
  );
  expect(counts.sent).toBe(triggers.length);
  return counts.slowestMs;
}

describe('the lag of a batch of triggers', () => {
  it('is the longest time since the last input of one of them came', async () => {
    expect(await slowestOf(trigger('a', 2_000), trigger('b', 7_000))).toBe(7_000);
  });

  it('leaves out what was held on purpose, and what is replayed', async () => {
    const held = trigger('a', 3_600_000, { heldFor: [hold] });
    const replayed = trigger('b', 86_400_000, { cause: 'replay' });

    expect(await slowestOf(held, replayed)).toBe(0);
    expect(await slowestOf(held, replayed, trigger('c', 1_000))).toBe(1_000);
  });
});
