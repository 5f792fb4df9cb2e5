import { sign as signBytes } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { baseEvents, testKeys } from './base-events.js';
import type { Sent } from './cases.js';

/** Bytes and application properties as they go over the wire. */
export interface BuiltSent {
  readonly body: Buffer;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Build what a case sends. @throws Error when the case contradicts itself */
export function buildSent(sent: Sent): BuiltSent {
  const { text, properties } = toText(sent);
  const plain = sent.hex === undefined ? encode(text, sent.encode) : Buffer.from(sent.hex, 'hex');
  const parts = [Buffer.from(sent.prefix ?? '', 'hex'), plain, Buffer.from(sent.suffix ?? '', 'hex')];
  const whole = Buffer.concat(parts);
  const padded = Buffer.concat([whole, Buffer.alloc(Math.max(0, (sent.pad ?? 0) - whole.length), ' ')]);
  const body = padded.subarray(0, sent.keep ?? padded.length);
  return sign({ body, properties: { ...properties, ...sent.properties } }, sent.sign);
}

function toText(sent: Sent): { text: string; properties: Record<string, unknown> } {
  if (sent.text !== undefined) return { text: sent.text, properties: {} };
  const event = 'json' in sent ? sent.json : patch(baseEvents[sent.base ?? 'sealed'], sent);
  const { value, properties } = wrap(event, sent.wrap);
  const plain = addBulk(JSON.stringify(value), sent);
  const replaced = (sent.replace ?? []).reduce((text, [find, put]) => {
    if (!text.includes(find)) throw new Error(`"${find}" is not in ${text}`);
    return text.replace(find, () => put);
  }, plain);
  return { text: replaced, properties };
}

function patch(event: unknown, { set = {}, unset = [] }: Pick<Sent, 'set' | 'unset'>): unknown {
  if (event === undefined) throw new Error('no such base event');
  const copy: unknown = structuredClone(event);
  for (const [path, value] of Object.entries(set)) parentOf(copy, path)[lastOf(path)] = value;
  for (const path of unset) delete parentOf(copy, path)[lastOf(path)];
  return copy;
}

function parentOf(root: unknown, path: string): Record<string, unknown> {
  const parent = path
    .split('.')
    .slice(0, -1)
    .reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], root); // paths of cases lead somewhere
  if (typeof parent !== 'object' || parent === null) throw new Error(`${path} leads nowhere`);
  return parent as Record<string, unknown>; // an object, checked above
}

function lastOf(path: string): string {
  return path.split('.').at(-1) ?? path;
}

const attributes = {
  specversion: '1.0',
  id: 'case',
  source: '/sales/orders',
  type: 'OutputPortSnapshotSealed',
  time: '2026-03-11T01:58:00Z',
};

function wrap(event: unknown, how: Sent['wrap']): { value: unknown; properties: Record<string, unknown> } {
  if (how === undefined) return { value: event, properties: {} };
  const own = patch(attributes, how) as Record<string, unknown>; // a patched record is a record
  if (how.mode === 'structured') return { value: { data: event, ...own }, properties: {} };
  const named = Object.entries(own).map(([name, value]) => [name.includes(':') ? name : `cloudEvents:${name}`, value]);
  return { value: event, properties: Object.fromEntries(named) as Record<string, unknown> };
}

function addBulk(text: string, { nest, repeat }: Sent): string {
  const open = (members: string): string => `${text.slice(0, -1)},${members}}`;
  if (nest?.kind === 'array') return open(`"x":${'['.repeat(nest.depth)}${']'.repeat(nest.depth)}`);
  if (nest) return open(`"x":${'{"a":'.repeat(nest.depth)}1${'}'.repeat(nest.depth)}`);
  if (repeat === undefined) return text;
  const copies = Array.from({ length: repeat.times }, () => repeat.of);
  switch (repeat.in) {
    case 'list':
      return open(`"x":[${copies.join(',')}]`);
    case 'object':
      return open(`"x":{${copies.map((copy, index) => `"m${index}":${copy}`).join(',')}}`);
    case 'string':
      return open(`"x":"${copies.join('')}"`);
    case 'name':
      return open(`"${copies.join('')}":1`);
    default:
      return repeat.in satisfies never;
  }
}

function encode(text: string, encoding: Sent['encode']): Buffer {
  const utf16 = Buffer.from(text, 'utf16le');
  switch (encoding) {
    case undefined:
      return Buffer.from(text, 'utf8');
    case 'utf16le':
      return utf16;
    case 'utf16be':
      return utf16.swap16();
    case 'utf32le':
      return Buffer.concat([...text].map((each) => Buffer.from([each.codePointAt(0) ?? 0, 0, 0, 0])));
    case 'latin1':
      return Buffer.from(text, 'latin1');
    case 'gzip':
      return gzipSync(text);
    case 'deflate':
      return deflateSync(text);
    case 'base64':
      return Buffer.from(Buffer.from(text).toString('base64'));
    default:
      return encoding satisfies never;
  }
}

function sign({ body, properties }: BuiltSent, how: Sent['sign']): BuiltSent {
  if (how === undefined) return { body, properties };
  const key = testKeys[how.with];
  if (key === undefined) throw new Error(`no test key "${how.with}"`);
  const value = signBytes(null, body, key);
  const names = { 'outport-signature': value.toString('base64'), 'outport-key-id': how.as ?? how.with };
  const { 'outport-signature': own, 'outport-key-id': keyId } = names;
  switch (how.then) {
    case undefined:
      return { body, properties: { ...properties, ...names } };
    case 'flip-body':
      return { body: Buffer.from(body.toString().replace('18204', '18205')), properties: { ...properties, ...names } };
    case 'reformat': {
      const spaced = JSON.stringify(JSON.parse(body.toString()), undefined, 1);
      return { body: Buffer.from(spaced), properties: { ...properties, ...names } };
    }
    case 'flip-signature':
      value.writeUInt8(value.readUInt8(5) ^ 1, 5);
      return { body, properties: { ...properties, ...names, 'outport-signature': value.toString('base64') } };
    case 'truncate':
      return { body, properties: { ...properties, ...names, 'outport-signature': own.slice(0, 40) } };
    case 'drop-key-id':
      return { body, properties: { ...properties, 'outport-signature': own } };
    case 'drop-value':
      return { body, properties: { ...properties, 'outport-key-id': keyId } };
    default:
      return how.then satisfies never;
  }
}
