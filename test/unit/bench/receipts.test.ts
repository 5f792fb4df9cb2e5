import { describe, expect, it } from 'vitest';
import { Receipts } from '../../../bench/fan-out/receipts.js';

function receive(...notes: readonly (readonly [consumer: string, eventId: string])[]): Receipts {
  const receipts = new Receipts(['red', 'blue']);
  receipts.expect(['one', 'two']);
  for (const [consumer, eventId] of notes) receipts.note(consumer, eventId);
  return receipts;
}

const all = [
  ['red', 'one'],
  ['blue', 'one'],
  ['red', 'two'],
  ['blue', 'two'],
] as const;

describe('the judge of receipts', () => {
  it('is content when every consumer saw every event once', async () => {
    await expect(receive(...all).complete()).resolves.toBeGreaterThan(0);
  });

  it('counts what a consumer did not see', () => {
    expect(receive(...all.slice(1)).mismatch()).toEqual({ lost: 1, doubled: 0, unknown: 0 });
  });

  it('refuses a run in which a consumer saw an event twice', async () => {
    await expect(receive(...all, ['blue', 'two']).complete()).rejects.toThrow('1 doubled');
  });

  it('refuses receipts of events that were never sent', async () => {
    await expect(receive(...all, ['red', 'three']).complete()).rejects.toThrow('1 unknown');
  });

  it('forgets one run when the next begins', () => {
    const receipts = receive(...all, ['blue', 'two']);
    receipts.expect(['three']);
    expect(receipts.mismatch()).toEqual({ lost: 2, doubled: 0, unknown: 0 });
  });
});
