import fc from 'fast-check';
import { baseEvents } from './base-events.js';
import { type BuiltSent, buildSent } from './build-sent.js';
import { readBadInput } from './cases.js';

/** Bodies to start from: every kept case below the size limit, and the good events several times over. */
const corpus: readonly BuiltSent[] = [
  ...readBadInput().map(buildSent),
  ...Object.keys(baseEvents).flatMap((base) => Array.from({ length: 20 }, () => buildSent({ base }))),
].filter(({ body }) => body.length < 20_000);

/** Texts that break parsers, stores and logs, to be put where a mutation pleases. */
const fragments = [
  ...['"', '\\', '{', '}', '[', ']', ',', ':', 'null', 'true', '-', '1e400', '9007199254740993', '-0', '0.1e-400'],
  ...['"__proto__":{"a":1},', '"constructor":{},', '"eventId":"twice",', '\\u0000', '\\ud800', '\\u202e', '\ufeff'],
  ...['\r\n', '\u001b[31m', '\u2028', "' or true or '", '/\\#?%', '../', '2016-12-31T23:59:60Z', '+275760-09-13'],
  ...['{"a":'.repeat(40), '['.repeat(40), '"specversion":"1.0",', '"data":{},', 'x'.repeat(300), '\u0000', 'e\u0301'],
];

type Change =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'cut'; readonly at: number; readonly length: number }
  | { readonly kind: 'insert'; readonly at: number; readonly fragment: string }
  | { readonly kind: 'copy'; readonly from: number; readonly length: number; readonly at: number }
  | { readonly kind: 'value'; readonly at: number; readonly json: string };

// Positions are shares of the body, so that they mean something for every length.
const share = fc.double({ min: 0, max: 1, noNaN: true });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: share, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('cut' as const), at: share, length: fc.nat(40) }),
  fc.record({ kind: fc.constant('insert' as const), at: share, fragment: fc.constantFrom(...fragments) }),
  fc.record({ kind: fc.constant('copy' as const), from: share, length: fc.nat(60), at: share }),
  fc.record({ kind: fc.constant('value' as const), at: share, json: fc.json({ maxDepth: 3 }) }),
);

/** An event somebody or something has tampered with. */
export const mutant: fc.Arbitrary<BuiltSent> = fc
  .record({ start: fc.constantFrom(...corpus), changes: fc.array(change, { minLength: 0, maxLength: 4 }) })
  .map(({ start, changes }) => ({ body: changes.reduce(apply, start.body), properties: start.properties }));

function apply(body: Buffer, made: Change): Buffer {
  const place = (at: number): number => Math.floor(at * body.length);
  const splice = (at: number, removed: number, added: Buffer): Buffer =>
    Buffer.concat([body.subarray(0, at), added, body.subarray(at + removed)]);
  switch (made.kind) {
    case 'flip': {
      const copy = Buffer.from(body);
      const at = Math.min(place(made.at), copy.length - 1);
      if (at >= 0) copy.writeUInt8(copy.readUInt8(at) ^ (1 << made.bit), at);
      return copy;
    }
    case 'cut':
      return splice(place(made.at), made.length, Buffer.alloc(0));
    case 'insert':
      return splice(place(made.at), 0, Buffer.from(made.fragment));
    case 'copy':
      return splice(place(made.at), 0, Buffer.from(body.subarray(place(made.from), place(made.from) + made.length)));
    case 'value':
      return replaceValue(body, made);
    default:
      return made satisfies never;
  }
}

/** Put a JSON value in the place of one that a name announces: the text stays JSON if it was. */
function replaceValue(body: Buffer, { at, json }: { at: number; json: string }): Buffer {
  const text = body.toString('utf8');
  const values = [...text.matchAll(/(?<=":)(?:"[^"\\]*"|[-0-9.eE]+)/g)];
  const chosen = values[Math.min(values.length - 1, Math.floor(at * values.length))];
  if (chosen === undefined) return body;
  return Buffer.from(text.slice(0, chosen.index) + json + text.slice(chosen.index + chosen[0].length));
}
