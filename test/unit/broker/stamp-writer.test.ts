import { describe, expect, it } from 'vitest';
import { decodeMessage } from '../../../local/broker/amqp/rhea-message.js';
import { encodeDeliveryAnnotations, encodeStamp } from '../../../local/broker/amqp/stamp-writer.js';

describe('the stamp of a delivery', () => {
  it('is read by an AMQP decoder as what was written', () => {
    const bytes = encodeStamp({ deliveryCount: 3, ttlMs: 60_000 }, [
      ['x-opt-sequence-number', 'long', 1],
      ['x-opt-enqueued-time', 'timestamp', 1_700_000_000_123],
      ['x-opt-message-state', 'int', 2],
      ['x-opt-partition-key', 'string', 'schlüssel'],
    ]);

    expect(decodeMessage(bytes)).toMatchObject({
      delivery_count: 3,
      ttl: 60_000,
      message_annotations: {
        'x-opt-sequence-number': 1,
        'x-opt-enqueued-time': new Date(1_700_000_000_123),
        'x-opt-message-state': 2,
        'x-opt-partition-key': 'schlüssel',
      },
    });
  });

  it.each([0, 1, -1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER, -62_135_596_800_000])(
    'keeps the number %i',
    (value) => {
      const { message_annotations } = decodeMessage(encodeStamp(undefined, [['n', 'long', value]]));

      expect(message_annotations).toEqual({ n: value });
    },
  );

  it('has no header where there is nothing to say, and a delivery count of 0 where there is', () => {
    expect(decodeMessage(encodeStamp(undefined, [])).delivery_count).toBeUndefined();
    expect(decodeMessage(encodeStamp({}, []))).toMatchObject({ delivery_count: 0 });
  });

  it('grows with long texts and is small again afterwards', () => {
    const long = 'x'.repeat(100_000);

    const { delivery_annotations } = decodeMessage(encodeDeliveryAnnotations([['text', 'string', long]]));

    expect(delivery_annotations).toEqual({ text: long });
    expect(encodeStamp(undefined, [['n', 'int', 1]]).length).toBeLessThan(30);
  });
});
