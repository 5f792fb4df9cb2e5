import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callBudgets } from '../../bench/calls/calls.js';
import { type CountedPipeline, startCountedPipeline } from '../../bench/calls/count-calls.js';
import { countedCalls } from '../../cli/cost/usage.js';

let pipeline: CountedPipeline;
beforeAll(async () => {
  pipeline = await startCountedPipeline();
});
afterAll(() => pipeline.stop());

describe('500 events over 50 ports with one matching subscription each, in batches of 100', () => {
  it('stay within the budget of calls and fire once each', async () => {
    const { events, triggers, ...counts } = await pipeline.run(500, 100);

    expect(triggers).toBe(events);
    expect(counts.tableRequests / events).toBeLessThanOrEqual(callBudgets.tableRequests);
    expect(counts.sends / events).toBeLessThanOrEqual(callBudgets.sends);
    expect(counts.invocations / events).toBeLessThanOrEqual(callBudgets.invocations);
    // What `outport cost` prices is no less than what is counted; a trigger is a message of its own on the topic.
    expect(counts.tableRequests / events).toBeLessThanOrEqual(countedCalls[100].tableRequests);
    expect(counts.sentMessages / events).toBeLessThanOrEqual(countedCalls[100].queueMessages + 1);
  });
});
