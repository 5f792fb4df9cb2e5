import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callBudgets } from '../../bench/calls/calls.js';
import { type CountedPipeline, startCountedPipeline } from '../../bench/calls/count-calls.js';
import { countedCalls } from '../../cli/cost/usage.js';

describe.each(['direct', 'queued'] as const)('500 events in batches of 100, handed on %s,', (handOn) => {
  let pipeline: CountedPipeline;
  beforeAll(async () => {
    pipeline = await startCountedPipeline(handOn);
  });
  afterAll(() => pipeline.stop());

  it('stay within the budget of calls and fire once each, over 50 ports with one matching subscription each', async () => {
    const { events, triggers, ...counts } = await pipeline.run(500, 100);

    expect(triggers).toBe(events);
    expect(counts.tableRequests / events).toBeLessThanOrEqual(callBudgets.tableRequests);
    expect(counts.sends / events).toBeLessThanOrEqual(callBudgets.sends);
    expect(counts.invocations / events).toBeLessThanOrEqual(callBudgets.invocations);
    // What `outport cost` prices is no less than what is counted; a trigger is a message of its own on the topic.
    const priced = countedCalls[handOn][100];
    expect(counts.tableRequests / events).toBeLessThanOrEqual(priced.tableRequests);
    expect(counts.sentMessages / events).toBeLessThanOrEqual(priced.queueMessages + 1);
    expect(counts.invocations / events).toBeLessThanOrEqual(priced.invocations);
  });
});
