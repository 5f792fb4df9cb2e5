import { describe, expect, it } from 'vitest';
import { toReceiptLines, toStepLines } from '../../../cli/start/timeline.js';
import { toLogLine } from '../../../functions/log-line.js';
import { baseEvents } from '../../support/bad-input/base-events.js';

const hostile =
  'a\r\n{"event":"ingested"}\n\u001b[2J\u001b[31m\u009b1m\u0085\u2028\u2029\u202e\u0000\ud800\u200b\ufeff';
const forbidden = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u200b\ufeff]|\p{Surrogate}/u;

/** The value with the hostile text in the place of every text in it. */
function poison(value: unknown): unknown {
  if (typeof value === 'string') return hostile;
  if (Array.isArray(value)) return value.map(poison);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, poison(member)]));
}

describe('a log line of the functions', () => {
  it('is one line of JSON that says what was put in, whatever that is', () => {
    for (const event of Object.values(baseEvents)) {
      const line = toLogLine({ event: 'fault', stage: 'normalize', fault: JSON.stringify(poison(event)) });
      expect(line).not.toMatch(forbidden);
      expect(JSON.parse(line)).toMatchObject({ event: 'fault' });
    }
  });

  it('is cut when it is too long, and still JSON', () => {
    const line = toLogLine({ event: 'fault', stage: 'normalize', fault: hostile.repeat(10_000) });
    expect(line.length).toBeLessThan(20_000);
    expect(JSON.parse(line)).toMatchObject({ event: 'fault' });
  });
});

describe('a line of the timeline', () => {
  const step = { at: '02:00', note: 'n', outgoing: { body: Buffer.from(hostile), partitionKey: 'k' } };
  const record = {
    reason: 'not-json' as const,
    problems: [{ path: hostile, message: hostile }],
    bodyBase64: '',
    origin: { hub: 'h', partition: '0', sequenceNumber: '0', offset: '0', enqueuedAt: '2026-03-11T02:00:00Z' },
    receivedAt: '2026-03-11T02:00:00Z',
    quarantinedAt: '2026-03-11T02:00:00Z',
  };

  it('holds no character that ends or rewrites it', () => {
    const end = { outcome: 'quarantined' as const, record };
    const lines = [
      ...toStepLines({ step, end, mismatches: [hostile] } as unknown as Parameters<typeof toStepLines>[0]), // what it reads
      ...toReceiptLines([]),
    ];
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line).not.toMatch(forbidden);
  });
});
