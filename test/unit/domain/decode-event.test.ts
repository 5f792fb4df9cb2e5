import { describe, expect, it } from 'vitest';
import { limits } from '../../../shared/contracts/limits.js';
import { decodeEvent } from '../../../shared/domain/decode/decode-event.js';
import { sealedEvent } from '../../fixtures/events.js';

const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const refusal = (body: Uint8Array, properties = {}) => {
  const decoded = decodeEvent(body, properties);
  return decoded.ok ? 'accepted' : [decoded.reason, ...decoded.problems.map(({ path }) => path)];
};
const envelope = { specversion: '1.0', id: 'orders-2026-03-10', source: '/sales', type: 'OutputPortSnapshotSealed' };

describe('decoding an event', () => {
  it('accepts a bare event and keeps members it does not know', () => {
    const event = { ...sealedEvent(), pipeline: { run: 4711 }, snapshot: { ...sealedEvent().snapshot, tier: 'gold' } };

    const decoded = decodeEvent(bytes(event), {});

    expect(decoded).toEqual({ ok: true, event });
  });

  it('opens a structured CloudEvent and lets its attributes fill in what the event leaves out', () => {
    const { eventId: _id, eventType: _type, occurredAt: _at, ...data } = sealedEvent();

    const decoded = decodeEvent(bytes({ ...envelope, time: '2026-03-11T01:58:00Z', data }), {});

    expect(decoded).toEqual({ ok: true, event: sealedEvent() });
  });

  it('opens a binary CloudEvent from application properties, whatever their case', () => {
    const properties = {
      'cloudEvents:specversion': '1.0',
      'cloudEvents:id': envelope.id,
      'CloudEvents:source': '/sales',
      'cloudEvents:type': envelope.type,
    };

    expect(decodeEvent(bytes(sealedEvent()), properties)).toEqual({ ok: true, event: sealedEvent() });
  });

  it('takes a valid traceparent along and ignores a broken one', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

    expect(decodeEvent(bytes(sealedEvent()), { 'diagnostic-Id': traceparent })).toMatchObject({ traceparent });
    expect(decodeEvent(bytes(sealedEvent()), { traceparent: 'zz' })).not.toHaveProperty('traceparent');
  });

  it.each<[string, Uint8Array, unknown]>([
    ['an empty body', bytes(''), ['not-json', '$']],
    ['text that is not JSON', bytes('{"eventType":'), ['not-json', '$']],
    ['NaN', bytes('{"a":NaN}'), ['not-json', '$']],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe, 0x41]), ['not-utf8', '$']],
    ['one byte too many', Buffer.alloc(limits.eventBytes + 1, 0x20), ['too-large', '$']],
    ['a prototype key', bytes('{"eventType":"x","__proto__":{"a":1}}'), ['forbidden-key', '__proto__']],
    ['deep nesting', bytes('['.repeat(40) + ']'.repeat(40)), ['too-complex', Array(33).fill('0').join('.')]],
    ['an unpaired surrogate', bytes('{"a":"\\ud800"}'), ['malformed-text', 'a']],
    ['an unknown type', bytes({ eventType: 'Nope' }), ['unknown-event-type', 'eventType']],
    ['no type', bytes({ a: 1 }), ['invalid-event', 'eventType']],
    ['a number', bytes('42'), ['invalid-event', '$']],
    ['an envelope without id', bytes({ ...envelope, id: undefined, data: {} }), ['invalid-envelope', 'id']],
    ['an envelope without data', bytes(envelope), ['invalid-envelope', 'data']],
    [
      'an envelope that contradicts its event',
      bytes({ ...envelope, data: sealedEvent({ eventId: 'other' }) }),
      ['envelope-mismatch', 'eventId'],
    ],
  ])('refuses %s with one reason', (_, body, expected) => {
    expect(refusal(body)).toEqual(expected);
  });

  it('names every problem of an invalid event by path', () => {
    const event = sealedEvent({
      outputPort: { key: 'Orders', version: 'two' },
      snapshot: { quality: { status: 'passed', ruleset: 'r', score: 2 } },
    });

    expect(refusal(bytes(event))).toEqual([
      'invalid-event',
      'outputPort.key',
      'outputPort.version',
      'snapshot.quality.score',
    ]);
  });

  it('keeps what could be read of a refused event, for finding it again', () => {
    const decoded = decodeEvent(bytes({ ...sealedEvent(), occurredAt: 'yesterday' }), {});

    expect(decoded).toMatchObject({
      ok: false,
      clues: {
        eventId: 'orders-2026-03-10',
        producer: 'dp.sales.orders',
        port: 'op.sales.orders.daily',
        stage: 'prod',
      },
    });
  });
});
