import { AmqpError } from './amqp-error.js';

/** The sections of an encoded AMQP message, each as its original bytes. */
export interface Sections {
  readonly header?: Buffer;
  readonly deliveryAnnotations?: Buffer;
  readonly messageAnnotations?: Buffer;
  readonly properties?: Buffer;
  readonly applicationProperties?: Buffer;
  /** Everything before the body: the named sections, back to back. */
  readonly head: Buffer;
  /** Every body section and the footer, back to back. */
  readonly rest: Buffer;
  /** Content of each data section, for batches. */
  readonly data: readonly Buffer[];
}

const names: Readonly<
  Record<number, 'header' | 'deliveryAnnotations' | 'messageAnnotations' | 'properties' | 'applicationProperties'>
> = {
  0x70: 'header',
  0x71: 'deliveryAnnotations',
  0x72: 'messageAnnotations',
  0x73: 'properties',
  0x74: 'applicationProperties',
};
const dataSection = 0x75;

/** Split an encoded message (AMQP 1.0 part 3.2) by walking constructors. @throws AmqpError for bytes that are none */
export function splitSections(message: Buffer): Sections {
  const found: { -readonly [K in keyof Sections]?: Sections[K] } = {};
  const data: Buffer[] = [];
  let bodyAt: number | undefined;
  for (let offset = 0; offset < message.length;) {
    const valueAt = skipDescriptor(message, offset);
    const code = message[valueAt - 1] ?? 0;
    const end = skipValue(message, valueAt);
    const name = names[code];
    if (name !== undefined && bodyAt !== undefined) throw malformed();
    if (name === undefined) bodyAt ??= offset;
    else found[name] = message.subarray(offset, end);
    if (code === dataSection) data.push(readBinary(message, valueAt));
    offset = end;
  }
  const split = bodyAt ?? message.length;
  return Object.assign(found, { head: message.subarray(0, split), rest: message.subarray(split), data });
}

/** Where the value behind a section's descriptor starts; the code is the descriptor's last byte, small or long. */
function skipDescriptor(message: Buffer, offset: number): number {
  const constructor = message[offset + 1];
  if (message[offset] !== 0) throw malformed();
  if (constructor === 0x53) return offset + 3;
  if (constructor === 0x80 && offset + 10 <= message.length) return offset + 10;
  throw malformed();
}

/** Bytes of a value by the high nibble of its constructor (AMQP 1.0 part 1.2); 1 and 4 mean a size prefix. */
const fixedWidths: Readonly<Record<number, number>> = { 4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16 };

/** The offset behind the value at an offset. @throws AmqpError */
export function skipValue(message: Buffer, offset: number): number {
  const constructor = message[offset];
  if (constructor === undefined) throw malformed();
  if (constructor === 0) return skipValue(message, skipValue(message, offset + 1));
  const nibble = constructor >> 4;
  const fixed = fixedWidths[nibble];
  const end = fixed === undefined ? offset + 1 + sizedWidth(message, offset + 1, nibble) : offset + 1 + fixed;
  if (end > message.length) throw malformed();
  return end;
}

function sizedWidth(message: Buffer, at: number, nibble: number): number {
  if (nibble === 0xa || nibble === 0xc || nibble === 0xe) return 1 + (message[at] ?? 0);
  if ((nibble === 0xb || nibble === 0xd || nibble === 0xf) && at + 4 <= message.length)
    return 4 + message.readUInt32BE(at);
  throw malformed();
}

function readBinary(message: Buffer, at: number): Buffer {
  if (message[at] === 0xa0) return message.subarray(at + 2, at + 2 + (message[at + 1] ?? 0));
  if (message[at] === 0xb0) return message.subarray(at + 5, at + 5 + message.readUInt32BE(at + 1));
  throw malformed();
}

/** The refusal of bytes that are no AMQP message. */
export function malformed(): AmqpError {
  return new AmqpError('amqp:decode-error', 'The message is not a well-formed AMQP 1.0 message.');
}
