import { malformed, skipValue } from './sections.js';

/** Bytes of the descriptor of a section: 0x00, 0x53 and its code. */
const descriptorBytes = 3;
const list32 = 0xd0;
const map32 = 0xd1;
const null_ = Buffer.of(0x40);

/**
 * A list section (properties) with some fields replaced; undefined clears one. All other fields keep their bytes, and
 * so their AMQP types, which decoding and encoding would not keep.
 */
export function replaceFields(section: Buffer, changes: ReadonlyMap<number, Buffer | undefined>): Buffer {
  const items = readItems(section);
  for (const [index, value] of changes) {
    while (items.length <= index) items.push(null_);
    items[index] = value ?? null_;
  }
  return writeItems(section, list32, items);
}

/** A map section (application properties) without some keys and with the entries of another, byte for byte. */
export function replaceEntries(section: Buffer, without: ReadonlySet<string>, additions: Buffer | undefined): Buffer {
  const items = readItems(section);
  const kept = items.filter((_, index) => {
    const key = items[index - (index % 2)];
    return key !== undefined && !without.has(readText(key));
  });
  return writeItems(section, map32, [...kept, ...(additions ? readItems(additions) : [])]);
}

/** Text as an AMQP string, or as a symbol where the field is one. */
export function encodeText(text: string, kind: 'string' | 'symbol' = 'string'): Buffer {
  const content = Buffer.from(text);
  const head = Buffer.alloc(5);
  head[0] = kind === 'string' ? 0xb1 : 0xb3;
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

/** The values in a list or map, each with its constructor. */
function readItems(section: Buffer): Buffer[] {
  const items: Buffer[] = [];
  let offset = startOfItems(section);
  while (offset < section.length) {
    const end = skipValue(section, offset);
    items.push(section.subarray(offset, end));
    offset = end;
  }
  return items;
}

/** Behind constructor, size and count. */
function startOfItems(section: Buffer): number {
  switch (section[descriptorBytes]) {
    case 0x45:
      return descriptorBytes + 1;
    case 0xc0:
    case 0xc1:
      return descriptorBytes + 3;
    case list32:
    case map32:
      return descriptorBytes + 9;
    default:
      throw malformed();
  }
}

function writeItems(section: Buffer, constructor: number, items: readonly Buffer[]): Buffer {
  const content = Buffer.concat(items);
  const head = Buffer.alloc(9);
  head[0] = constructor;
  head.writeUInt32BE(content.length + 4, 1);
  head.writeUInt32BE(items.length, 5);
  return Buffer.concat([section.subarray(0, descriptorBytes), head, content]);
}

/** Keys are strings or symbols, short or long. */
function readText(value: Buffer): string {
  return value.toString('utf8', (value[0] ?? 0) >> 4 === 0xa ? 2 : 5);
}
