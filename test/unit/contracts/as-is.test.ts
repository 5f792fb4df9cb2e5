import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toAsIs } from '../../../shared/contracts/as-is.js';
import {
  isEventAsIs,
  ReadinessEvent,
  readinessEventSchemas,
} from '../../../shared/contracts/events/readiness-event.js';
import { sealedEvent } from '../../fixtures/events.js';

type Json = Record<string, unknown>;

const examples = Object.values(readinessEventSchemas).flatMap((schema) => schema.meta()?.['examples'] as Json[]);

/** Put a value in place of one member, or take the member away, somewhere in an event. */
function change(event: Json, path: number, value: unknown): Json {
  const places = toPlaces(event);
  const place = places[path % places.length];
  if (place === undefined) return event;
  const { owner, name } = place;
  if (value === undefined) delete owner[name];
  else owner[name] = value;
  return event;
}

function toPlaces(owner: Json): { owner: Json; name: string }[] {
  return Object.keys(owner).flatMap((name) => {
    const member = owner[name];
    const inner = typeof member === 'object' && member !== null ? toPlaces(member as Json) : [];
    return [{ owner, name }, ...inner];
  });
}

const strange = fc.oneof(
  fc.constant(undefined),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'e\u0301', '\u200b', 'x'.repeat(257), -1, 1.5, 1e300, 'prod', '2.1.0', '2026-02-30T00:00:00Z'),
);

describe('an event read as it is', () => {
  it.each(examples)('is every documented example: $eventType', (example) => {
    expect(isEventAsIs(example)).toBe(true);
  });

  it('is one that the schema returns without a change, whatever is done to it', () => {
    const event = fc.constantFrom(...examples, sealedEvent() as Json).map((each) => structuredClone(each));
    const changes = fc.array(fc.tuple(fc.nat(), strange), { maxLength: 2 });
    fc.assert(
      fc.property(event, changes, (given, made) => {
        const changed = made.reduce((so, [path, put]) => change(so, path, put), given);
        const value: unknown = JSON.parse(JSON.stringify(changed));
        if (!isEventAsIs(value)) return;
        expect(JSON.stringify(ReadinessEvent.parse(value))).toBe(JSON.stringify(value));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, unknown]>([
    ['whose members are in another order', Object.fromEntries(Object.entries(sealedEvent()).reverse())],
    ['with a member of its own before the others', { mine: 1, ...sealedEvent() }],
    ['of no kind', {}],
    ['that is a list', []],
    ['that is nothing', null],
  ])('is not one %s', (_, value) => {
    expect(isEventAsIs(value)).toBe(false);
  });

  it('may have members of its own after the others', () => {
    expect(isEventAsIs({ ...sealedEvent(), mine: 1 })).toBe(true);
  });
});

describe('a schema as a question', () => {
  const text = z.string();

  it.each<[string, z.ZodType, unknown]>([
    ['fills in a default', z.looseObject({ a: text, b: text.default('b') }), { a: 'a' }],
    [
      'fills in a default of an optional member',
      z.looseObject({ a: text, b: text.default('b').optional() }),
      { a: 'a' },
    ],
    ['drops what it does not name', z.object({ a: text }), { a: 'a', b: 'b' }],
    ['refuses what it does not name', z.strictObject({ a: text }), { a: 'a', b: 'b' }],
    ['trims', z.string().trim(), ' a '],
    ['transforms', text.transform(Number), '1'],
    ['checks the whole object', z.looseObject({ a: text }).refine(() => false), { a: 'a' }],
    ['asks for a member that comes last', z.looseObject({ a: text, b: text }), { a: 'a' }],
    ['takes numbers only', z.number(), Number.NaN],
  ])('is not answered with yes when it %s', (_, schema, value) => {
    expect(toAsIs(schema)(value)).toBe(false);
  });
});
