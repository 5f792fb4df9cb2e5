import type { FaultKind } from '../model/faults.js';
import type { Random } from '../model/random.js';
import { ownerOf, ports, schemaHashOf, stages, versions } from './registry.js';

/** An event about a port, as a producer writes it. */
export interface Fact {
  readonly eventType: string;
  readonly eventId: string;
  readonly occurredAt: string;
  readonly producer: { readonly dataProduct: string; readonly domain: string };
  readonly outputPort: { readonly key: string; readonly version: string; readonly stage: string };
  readonly snapshot?: Snapshot;
  readonly contract?: { readonly previousVersion: string; readonly schemaHash: string };
  readonly reason?: string;
  /** A member the schema does not name; it is kept and counts for what the event says. */
  readonly extra?: { readonly b: number; readonly a: number };
}

export interface Snapshot {
  readonly watermark: string;
  readonly batchId?: string;
  readonly partition?: string;
  readonly revision?: number;
  readonly schemaHash?: string;
  readonly quality?: { readonly status: string; readonly ruleset: string; readonly score?: number };
}

/** How the bytes of an event are laid out; all mean the same. */
export const formats = ['plain', 'spaced', 'turned', 'structured', 'binary'] as const;
export type Format = (typeof formats)[number];

/** What a producer publishes at one point in time. */
export type PlannedEvent =
  | {
      readonly kind: 'fact';
      readonly atMs: number;
      readonly fact: Fact;
      readonly format: Format;
      /** The fault of the producer this event stands for. */
      readonly fault?: FaultKind;
    }
  /** Bytes that are no event, and the reason with which quarantine must take them. */
  | { readonly kind: 'malformed'; readonly atMs: number; readonly bodyBase64: string; readonly reason: string };

type IsOn = (kind: FaultKind) => boolean;

/** Events of a run in the order of their time; faults of producers are part of the plan. */
export function drawEvents(
  random: Random,
  options: { count: number; withinMs: number; isOn: IsOn; idPrefix: string },
): PlannedEvent[] {
  const { count, withinMs, isOn, idPrefix } = options;
  const planned: PlannedEvent[] = [];
  const facts: Fact[] = [];
  for (let number = 0; number < count; number += 1) {
    const atMs = random.int(0, withinMs);
    if (isOn('event-malformed') && random.chance(0.15))
      planned.push({ kind: 'malformed', atMs, ...drawMalformed(random) });
    else {
      const drawn = drawFact(random, { eventId: `${idPrefix}-${number}`, number, facts, isOn });
      facts.push(drawn.fact);
      planned.push({ kind: 'fact', atMs, ...drawn });
    }
  }
  return planned.sort((a, b) => a.atMs - b.atMs);
}

function drawFact(
  random: Random,
  { eventId, number, facts, isOn }: { eventId: string; number: number; facts: readonly Fact[]; isOn: IsOn },
): DrawnFact {
  const earlier = facts.length > 0 ? random.pick(facts) : undefined;
  const does = (fault: FaultKind, probability: number): boolean => isOn(fault) && random.chance(probability);
  if (earlier && does('event-resent', 0.2)) return { fact: earlier, format: 'plain', fault: 'event-resent' };
  if (earlier && does('event-reformatted', 0.2)) {
    return { fact: earlier, format: random.pick(formats), fault: 'event-reformatted' };
  }
  const fresh = drawFreshFact(random, eventId);
  if (earlier && does('event-id-reused', 0.2)) {
    const { producer, outputPort } = earlier;
    const occurredAt = `2026-03-11T01:${10 + (number % 50)}:00Z`;
    return {
      fact: { ...fresh, eventId: earlier.eventId, producer, outputPort, occurredAt },
      format: 'plain',
      fault: 'event-id-reused',
    };
  }
  if (earlier && does('snapshot-announced-twice', 0.3)) {
    return { fact: { ...earlier, eventId }, format: 'plain', fault: 'snapshot-announced-twice' };
  }
  if (earlier?.snapshot && random.chance(0.1)) return { fact: takeBack(earlier, eventId), format: 'plain' };
  if (earlier?.snapshot && random.chance(0.15)) return { fact: correct(earlier, eventId, random), format: 'plain' };
  if (does('event-unadmitted', 0.15)) return { fact: spoil(fresh, random), format: 'plain', fault: 'event-unadmitted' };
  return { fact: fresh, format: 'plain' };
}

/** A retraction of the snapshot an earlier event announced. */
export function takeBack({ snapshot, ...earlier }: Fact, eventId: string): Fact {
  const { watermark = '', batchId, partition, revision } = snapshot ?? {};
  const identity = {
    watermark,
    ...(batchId !== undefined && { batchId }),
    ...(partition !== undefined && { partition }),
    ...(revision !== undefined && { revision }),
  };
  return { ...earlier, eventType: 'OutputPortSnapshotRetracted', eventId, snapshot: identity, reason: 'wrong' };
}

/** The same snapshot again with one part of its identity changed: another vector. */
function correct(earlier: Fact, eventId: string, random: Random): Fact {
  const { snapshot } = earlier;
  if (snapshot === undefined) return earlier;
  const { revision = 0, partition } = snapshot;
  const changed = random.pick([
    { revision: revision + 1 },
    { partition: partition === 'eu' ? 'us' : 'eu' },
    { batchId: `b-${random.int(3, 9)}` },
  ]);
  return { ...earlier, eventId, snapshot: { ...snapshot, ...changed } };
}

type DrawnFact = Pick<Extract<PlannedEvent, { kind: 'fact' }>, 'fact' | 'format' | 'fault'>;

const watermarks = [
  '2026-03-11T00:00:00Z',
  '2026-03-11T01:00:00Z',
  '2026-03-10T21:00:00+01:00',
  '2026-03-11',
  'batch-17',
  '2025-12-01T00:00:00Z',
];

function drawFreshFact(random: Random, eventId: string): Fact {
  const key = random.pick(ports);
  const version = random.pick(versions);
  const owner = ownerOf(key);
  const base = {
    eventId,
    occurredAt: '2026-03-11T01:58:00Z',
    producer: { dataProduct: owner, domain: owner.split('.')[1] ?? '' },
    outputPort: { key, version, stage: random.chance(0.75) ? 'prod' : random.pick(stages) },
    ...(random.chance(0.3) && { extra: { b: 1, a: random.int(1, 2) } }),
  };
  const identity = {
    watermark: random.pick(watermarks),
    ...(random.chance(0.2) && { batchId: random.pick(['b-1', 'b-2']) }),
    ...(random.chance(0.2) && { partition: random.pick(['eu', 'us']) }),
    ...(random.chance(0.3) && { revision: random.int(0, 1) }),
  };
  const schemaHash = random.chance(0.9) ? schemaHashOf(version) : schemaHashOf('9.9.9');
  const draw = random.next();
  if (draw < 0.8) {
    const status = random.pick(['passed', 'passed', 'passed', 'warned', 'failed']);
    const quality = { status, ruleset: 'r@1', ...(random.chance(0.6) && { score: random.pick([0.5, 0.95]) }) };
    return { eventType: 'OutputPortSnapshotSealed', ...base, snapshot: { ...identity, schemaHash, quality } };
  }
  if (draw < 0.88) {
    const quality = { status: 'failed', ruleset: 'r@1' };
    return { eventType: 'OutputPortQualityFailed', ...base, snapshot: { ...identity, schemaHash, quality } };
  }
  if (draw < 0.94) {
    return { eventType: 'OutputPortSnapshotRetracted', ...base, snapshot: identity, reason: 'wrong' };
  }
  const contract = { previousVersion: '2.1.0', schemaHash };
  return { eventType: 'OutputPortContractBreaking', ...base, contract };
}

function spoil(fact: Fact, random: Random): Fact {
  const how = random.int(0, 3);
  if (how === 0) return { ...fact, outputPort: { ...fact.outputPort, stage: 'lab' } };
  if (how === 1) return { ...fact, outputPort: { ...fact.outputPort, key: 'op.sales.orders.unknown' } };
  const { domain } = fact.producer;
  if (how === 2) return { ...fact, producer: { dataProduct: `dp.${domain}.twin`, domain } };
  return { ...fact, producer: { ...fact.producer, domain: 'evil' } };
}

function drawMalformed(random: Random): { bodyBase64: string; reason: string } {
  const [body, reason] = random.pick([
    [Buffer.from('{'), 'not-json'],
    [Buffer.from(''), 'not-json'],
    [Buffer.from([0xff, 0xfe, 0x00]), 'not-utf8'],
    [Buffer.from('{"eventType":"\u00ff"}', 'latin1'), 'not-utf8'],
    [Buffer.from('{"eventType":"Weather"}'), 'unknown-event-type'],
    [Buffer.from('{"eventType":"OutputPortSnapshotSealed","eventId":7}'), 'invalid-event'],
    [Buffer.from('{"a":{"__proto__":1}}'), 'forbidden-key'],
    [Buffer.alloc(60_001, 32), 'too-large'],
  ] as const);
  return { bodyBase64: body.toString('base64'), reason };
}

/** The bytes and properties a planned event is published with. */
export function render(planned: PlannedEvent): { body: Uint8Array; properties: Record<string, unknown> } {
  if (planned.kind === 'malformed') return { body: Buffer.from(planned.bodyBase64, 'base64'), properties: {} };
  const { fact, format } = planned;
  const attributes = { specversion: '1.0', id: fact.eventId, source: '/producer', type: fact.eventType };
  switch (format) {
    case 'plain':
      return toBody(JSON.stringify(fact));
    case 'spaced':
      return toBody(JSON.stringify(fact, null, 2));
    case 'turned':
      return toBody(JSON.stringify(turn(fact)));
    case 'structured':
      return toBody(JSON.stringify({ ...attributes, data: fact }));
    case 'binary': {
      const properties = Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [`cloudEvents:${name}`, value]),
      );
      return { ...toBody(JSON.stringify(fact)), properties };
    }
    default:
      return format satisfies never;
  }
}

/** The same value with the members of every object in the opposite order. */
function turn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]): [string, unknown] => [name, turn(member)]);
  return Object.fromEntries(members.reverse());
}

function toBody(text: string): { body: Uint8Array; properties: Record<string, unknown> } {
  return { body: Buffer.from(text), properties: {} };
}
