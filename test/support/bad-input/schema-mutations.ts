import { readinessEventSchemas, toReadinessEventJsonSchema } from '../../../shared/contracts/events/readiness-event.js';

/** One member of one kind of event, changed in one way, and what its schema says of that. */
export interface SchemaMutation {
  readonly name: string;
  readonly eventType: string;
  readonly path: string;
  readonly event: unknown;
  readonly valid: boolean;
}

interface Node {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly $defs?: Readonly<Record<string, Node>>;
  readonly examples?: readonly unknown[];
}

interface Member {
  readonly path: readonly string[];
  readonly schema: Node;
  readonly required: boolean;
}

const ofKind: Readonly<Record<string, readonly unknown[]>> = {
  string: ['text'],
  number: [0.5],
  integer: [1],
  boolean: [true],
  array: [['x']],
  object: [{ a: 1 }],
};

/** Every member of every kind x {absent, null, wrong types, empty, too long, wrong value, wrong form, out of range}. */
export function listSchemaMutations(): SchemaMutation[] {
  return Object.keys(readinessEventSchemas).flatMap((eventType) => {
    // The derived schema has the members that JSON Schema gives them.
    const root = toReadinessEventJsonSchema(eventType as keyof typeof readinessEventSchemas) as Node;
    const event = resolve(root, root);
    const example = event.examples?.[0];
    return listMembers(event, root, []).flatMap((member) =>
      mutate(member).map(({ what, value, valid }) => ({
        name: `${eventType} ${member.path.join('.')} ${what}`,
        eventType,
        path: member.path.join('.'),
        event: put(example, member.path, value),
        valid,
      })),
    );
  });
}

function listMembers(node: Node, root: Node, path: readonly string[]): Member[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const schema = resolve(child, root);
    const member = { path: [...path, name], schema, required: node.required?.includes(name) === true };
    return [member, ...listMembers(schema, root, member.path)];
  });
}

function resolve(node: Node, root: Node): Node {
  const name = node.$ref?.replace('#/$defs/', '');
  return name === undefined ? node : (root.$defs?.[name] ?? node);
}

interface Mutation {
  readonly what: string;
  readonly value: unknown;
  readonly valid: boolean;
}

function mutate({ schema, required }: Member): Mutation[] {
  const kind = schema.type ?? 'string';
  const wrongKinds = Object.keys(ofKind).filter(
    (other) => other !== kind && !(kind === 'number' && other === 'integer'),
  );
  return [
    { what: 'absent', value: undefined, valid: !required },
    refused('null', null),
    ...wrongKinds.flatMap((other) => (ofKind[other] ?? []).map((value) => refused(`as ${other}`, value))),
    ...(kind === 'string' ? mutateText(schema) : []),
    ...(kind === 'array'
      ? [refused('too long', Array(1_001).fill('x')), { what: 'empty', value: [], valid: true }]
      : []),
    ...(kind === 'object' ? [{ what: 'empty', value: {}, valid: schema.required === undefined }] : []),
    ...mutateRange(schema),
  ];
}

function mutateText(schema: Node): Mutation[] {
  const fixed = schema.const !== undefined || schema.enum !== undefined;
  const formed = schema.pattern !== undefined || schema.format !== undefined;
  const example = schema.examples?.[0];
  return [
    { what: 'empty', value: '', valid: !fixed && !formed && (schema.minLength ?? 0) === 0 },
    ...(schema.maxLength === undefined ? [] : [refused('too long', 'a'.repeat(schema.maxLength + 1))]),
    ...(fixed ? [refused('a wrong value', 'no such value')] : []),
    ...(formed ? [refused('of a wrong form', 'a\u0007b')] : []),
    ...(formed ? [refused('with a line break behind', `${typeof example === 'string' ? example : 'x'}\n`)] : []),
  ];
}

function mutateRange({ minimum, maximum }: Node): Mutation[] {
  return [
    ...(minimum === undefined ? [] : [refused('below the least', minimum - 1)]),
    ...(maximum === undefined ? [] : [refused('above the most', maximum + 1)]),
  ];
}

function refused(what: string, value: unknown): Mutation {
  return { what, value, valid: false };
}

/** A copy with one member replaced, or removed for undefined; missing objects on the way are made. */
function put(root: unknown, path: readonly string[], value: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const record = typeof root === 'object' && root !== null ? { ...root } : {};
  const child = put(Reflect.get(record, name), rest, value);
  const others = Object.entries(record).filter(([each]) => each !== name);
  return Object.fromEntries(child === undefined ? others : [...others, [name, child]]);
}
