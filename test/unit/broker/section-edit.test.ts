import rhea from 'rhea';
import { describe, expect, it } from 'vitest';
import { changeMessage, readDelivery } from '../../../local/broker/amqp/message-codec.js';
import { amqp, decodeMessage, encodeMessage } from '../../../local/broker/amqp/rhea-message.js';

/** A message whose values have types that decoding and encoding again would change. */
function typed(): ReturnType<typeof readDelivery>['messages'][number] {
  const bytes = encodeMessage({
    message_id: amqp.ulong(7) as number, // a wrapper, which the message's type does not know
    subject: 'red',
    to: 'me',
    application_properties: {
      long: amqp.long(1),
      double: rhea.types.wrap_double(2),
      at: amqp.timestamp(1_700_000_000_000),
      text: 'x',
    },
  });
  const [message] = readDelivery(bytes, 0).messages;
  if (!message) throw new Error('one message was encoded');
  return message;
}

describe('changes to a message', () => {
  it('keep the bytes of application properties that do not change', () => {
    const message = typed();

    const changed = changeMessage(message, { properties: { text: 'y', more: true, double: undefined } });

    const section = changed.applicationProperties ?? Buffer.alloc(0);
    for (const kept of [amqp.long(1), amqp.timestamp(1_700_000_000_000)]) {
      expect(section.includes(encodeValue(kept))).toBe(true);
    }
    expect(decodeMessage(section).application_properties).toEqual({
      long: 1,
      at: new Date(1_700_000_000_000),
      text: 'y',
      more: true,
    });
    expect(changed.fields.applicationProperties).toEqual({
      long: 1,
      at: new Date(1_700_000_000_000),
      text: 'y',
      more: true,
    });
  });

  it('keep the bytes of system properties that do not change', () => {
    const message = typed();

    const changed = changeMessage(message, { system: { subject: 'blue', to: undefined, sessionId: 's' } });

    expect(changed.properties.includes(encodeValue(amqp.ulong(7)))).toBe(true);
    expect(decodeMessage(changed.properties)).toMatchObject({ message_id: 7, subject: 'blue', group_id: 's' });
    expect(decodeMessage(changed.properties).to ?? undefined).toBeUndefined();
    expect(changed.fields).toMatchObject({ messageId: '7', subject: 'blue', sessionId: 's' });
    expect('to' in changed.fields).toBe(false);
  });

  it('add application properties where there were none', () => {
    const [message] = readDelivery(encodeMessage({ message_id: 'm' }), 0).messages;
    if (!message) throw new Error('one message was encoded');

    const changed = changeMessage(message, { properties: { a: 1 } });

    expect(decodeMessage(changed.applicationProperties ?? Buffer.alloc(0)).application_properties).toEqual({ a: 1 });
    expect(changed.properties).toBe(message.properties);
  });
});

interface Writer {
  write(value: unknown): void;
  toBuffer(): Buffer;
}

function encodeValue(value: unknown): Buffer {
  const writer = new (rhea.types as unknown as { Writer: new () => Writer }).Writer(); // the typings leave it out
  writer.write(value);
  return writer.toBuffer();
}
