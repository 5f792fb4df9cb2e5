/** An annotation with the AMQP type it travels as. */
export type Annotation =
  | readonly [name: string, type: 'long' | 'timestamp' | 'int', value: number]
  | readonly [name: string, type: 'string', value: string];

/** What a broker says about a message in its header. */
export interface HeaderStamp {
  readonly deliveryCount?: number;
  readonly ttlMs?: number;
}

const headerSection = 0x70;
const deliveryAnnotationsSection = 0x71;
const messageAnnotationsSection = 0x72;
const twoTo32 = 2 ** 32;
const null_ = 0x40;
/** Type byte, size and count of a map32. */
const mapHeadBytes = 9;

/** Names are few and come with every message, so their encoding is kept. */
const symbols = new Map<string, Buffer>();
/** Everything is written here first and then copied out at its true length. */
let scratch = Buffer.alloc(4_096);
let end = 0;

/**
 * Header (when there is one) and message annotations of a delivery. Written by hand as this runs for every message that
 * goes out: a general encoder spends more on them than all else in the broker spends on the message.
 */
export function encodeStamp(header: HeaderStamp | undefined, annotations: readonly Annotation[]): Buffer {
  end = 0;
  if (header) writeHeader(header);
  writeAnnotations(messageAnnotationsSection, annotations);
  return Buffer.from(scratch.subarray(0, end));
}

/** Delivery annotations as a section. */
export function encodeDeliveryAnnotations(annotations: readonly Annotation[]): Buffer {
  end = 0;
  writeAnnotations(deliveryAnnotationsSection, annotations);
  return Buffer.from(scratch.subarray(0, end));
}

/** Fields of the header list: durable, priority, ttl, first-acquirer, delivery-count. */
function writeHeader({ ttlMs, deliveryCount = 0 }: HeaderStamp): void {
  writeBytes(0x00, 0x53, headerSection, 0xc0, ttlMs === undefined ? 10 : 14, 5, null_, null_);
  if (ttlMs === undefined) writeBytes(null_);
  else writeUint(0x70, Math.min(ttlMs, twoTo32 - 1));
  writeBytes(null_);
  writeUint(0x70, deliveryCount);
}

function writeAnnotations(section: number, annotations: readonly Annotation[]): void {
  writeBytes(0x00, 0x53, section, 0xd1);
  const sizeAt = end;
  end += mapHeadBytes - 1;
  for (const annotation of annotations) {
    writeRaw(toSymbol(annotation[0]));
    writeValue(annotation);
  }
  scratch.writeUInt32BE(end - sizeAt - 4, sizeAt);
  scratch.writeUInt32BE(annotations.length * 2, sizeAt + 4);
}

function writeValue([, type, value]: Annotation): void {
  switch (type) {
    case 'long':
      return writeLong(0x81, value);
    case 'timestamp':
      return writeLong(0x83, value);
    case 'int':
      return writeUint(0x71, value);
    case 'string': {
      const text = Buffer.from(value);
      writeUint(0xb1, text.length);
      return writeRaw(text);
    }
    default:
      return type satisfies never;
  }
}

function toSymbol(name: string): Buffer {
  const known = symbols.get(name);
  if (known) return known;
  const encoded = Buffer.concat([Buffer.of(0xa3, Buffer.byteLength(name)), Buffer.from(name)]);
  symbols.set(name, encoded);
  return encoded;
}

function writeBytes(...bytes: number[]): void {
  reserve(bytes.length);
  for (const byte of bytes) scratch[end++] = byte;
}

function writeRaw(bytes: Buffer): void {
  reserve(bytes.length);
  scratch.set(bytes, end);
  end += bytes.length;
}

/** Four bytes behind a constructor; a negative int is written as its two's complement. */
function writeUint(constructor: number, value: number): void {
  reserve(5);
  scratch[end] = constructor;
  scratch.writeUInt32BE(value >>> 0, end + 1);
  end += 5;
}

function writeLong(constructor: number, value: number): void {
  reserve(9);
  scratch[end] = constructor;
  scratch.writeInt32BE(Math.floor(value / twoTo32), end + 1);
  scratch.writeUInt32BE(value >>> 0, end + 5);
  end += 9;
}

function reserve(bytes: number): void {
  const needed = end + bytes + mapHeadBytes;
  if (needed <= scratch.length) return;
  const larger = Buffer.alloc(needed * 2);
  larger.set(scratch);
  scratch = larger;
}
