import { describe, expect, it } from 'vitest';
import type { StageMessage } from '../../../shared/contracts/stage-messages.js';
import { fromPack, toPacks } from '../../../shared/contracts/stage-pack.js';
import { normalizeMessage, sealedEvent, signal } from '../../fixtures/events.js';

const messages = (count: number, filler = ''): StageMessage[] =>
  Array.from({ length: count }, (_, n) => normalizeMessage({ ...sealedEvent({ eventId: `e-${n}` }), filler }, n));

const unpacked = (from: readonly StageMessage[]): unknown[] =>
  toPacks(from).flatMap(({ json }) => fromPack(JSON.parse(json)));

describe('packs of stage messages', () => {
  it('give back every message, in order', () => {
    expect(unpacked(messages(45))).toEqual(JSON.parse(JSON.stringify(messages(45))));
  });

  it('hold at most ten messages', () => {
    expect(toPacks(messages(25)).map((pack) => pack.messages.length)).toEqual([10, 10, 5]);
  });

  it('stay below the 64 KB that Service Bus counts as one operation', () => {
    const packs = toPacks(messages(12, 'é'.repeat(8_000)));

    expect(packs.flatMap((pack) => pack.messages)).toHaveLength(12);
    expect(packs.map(({ json }) => Buffer.byteLength(json)).filter((bytes) => bytes > 64_000)).toEqual([]);
  });

  it('leave a message alone as it is', () => {
    const [message] = messages(1);

    expect(toPacks(messages(1)).map(({ json }) => json)).toEqual([JSON.stringify(message)]);
    expect(fromPack(message)).toEqual([message]);
  });

  it('hold a signal as JSON has it, also one that was put back', () => {
    const message = { kind: 'evaluate', signal: signal(), attempt: 2 } as const;

    expect(unpacked([message, message])).toEqual([message, message]);
  });

  it('take nothing for a pack that does not look like one', () => {
    for (const delivered of [null, 'pack', 7, [], { kind: 'pack' }, { kind: 'pack', messages: 'x' }]) {
      expect(fromPack(delivered)).toEqual([delivered]);
    }
  });
});
