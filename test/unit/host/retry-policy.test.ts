import { describe, expect, it } from 'vitest';
import { pause, toDelayMs, toRetryPolicy } from '../../../local/host/triggers/retry-policy.js';

describe('Retry policies', () => {
  it('wait the same time before every retry when the delay is fixed', () => {
    const policy = toRetryPolicy({ retryStrategy: 'fixedDelay', maxRetryCount: 3, delayInterval: { seconds: 2 } });
    expect([1, 2, 9].map((retry) => toDelayMs(policy, retry, 0.5))).toEqual([2000, 2000, 2000]);
  });

  it('wait the minimum first, then ever longer up to the maximum', () => {
    const policy = toRetryPolicy({
      retryStrategy: 'exponentialBackoff',
      maxRetryCount: -1,
      minimumInterval: { seconds: 1 },
      maximumInterval: { seconds: 30 },
    });
    expect([1, 2, 3, 4, 40].map((retry) => toDelayMs(policy, retry, 0.5))).toEqual([1000, 2000, 3000, 5000, 30_000]);
  });

  it('refuse a strategy they do not know', () => {
    expect(() => toRetryPolicy({ retryStrategy: 'hope' })).toThrow(/hope/);
  });
});

describe('A pause', () => {
  it('ends early, and says so, when the host stops', async () => {
    const stop = new AbortController();
    const paused = pause(60_000, stop.signal);
    stop.abort();
    expect(await paused).toBe(false);
    expect(await pause(60_000, stop.signal)).toBe(false);
    expect(await pause(1, new AbortController().signal)).toBe(true);
  });
});
