import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Expression } from './syntax.js';

/** A value that only a deployment knows, such as an endpoint; `source` says where it comes from. */
export class Unknown {
  constructor(readonly source: string) {}
}

export type Value = string | number | boolean | null | Unknown | readonly Value[] | { readonly [key: string]: Value };

/** Names in force while an expression is evaluated. */
export type Lookup = (name: string) => Value;

/** Where an expression stands: names resolve through `lookup`, files relative to `path`. */
export interface Scope {
  readonly lookup: Lookup;
  readonly path: string;
}

/** The value of an expression. @throws Error for what this evaluator does not know */
export function evaluate(node: Expression, scope: Scope): Value {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'name':
      return scope.lookup(node.name);
    case 'interpolation':
      return interpolate(
        node.texts,
        node.holes.map((hole) => evaluate(hole, scope)),
      );
    case 'member':
      return toMember(evaluate(node.object, scope), node.name);
    case 'index':
      return toMember(evaluate(node.object, scope), evaluate(node.index, scope));
    case 'object':
      return Object.fromEntries(
        node.entries.map((entry) => [toKey(evaluate(entry.key, scope)), evaluate(entry.value, scope)]),
      );
    case 'array':
      return node.items.map((item) => evaluate(item, scope));
    case 'loop':
      return toRounds(node, scope).map((round) => evaluate(node.body, round));
    case 'ternary':
      return evaluate(evaluate(node.test, scope) === true ? node.yes : node.no, scope);
    case 'unary': {
      const operand = evaluate(node.operand, scope);
      return node.operator === '!' ? operand !== true : -Number(operand);
    }
    case 'binary':
      return calculate(node, scope);
    case 'call':
      return call(node.name, node.args, scope);
    default:
      throw new Error(`"${node.kind}" is not evaluated`);
  }
}

/** One scope for each round of a loop. */
export function toRounds(loop: Extract<Expression, { kind: 'loop' }>, scope: Scope): Scope[] {
  const list = evaluate(loop.list, scope);
  if (!Array.isArray(list)) throw new Error('a loop over something that is no list');
  return list.map((item: Value, index) => ({
    ...scope,
    lookup: (name) => (name === loop.item ? item : name === loop.index ? index : scope.lookup(name)),
  }));
}

function calculate(node: Extract<Expression, { kind: 'binary' }>, scope: Scope): Value {
  const left = evaluate(node.left, scope);
  if (node.operator === '&&') return left === true && evaluate(node.right, scope) === true;
  if (node.operator === '||') return left === true || evaluate(node.right, scope) === true;
  const right = evaluate(node.right, scope);
  switch (node.operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '>':
      return Number(left) > Number(right);
    case '<':
      return Number(left) < Number(right);
    default:
      throw new Error(`operator "${node.operator}" is not evaluated`);
  }
}

function interpolate(texts: readonly string[], holes: readonly Value[]): Value {
  const unknown = holes.find((hole) => hole instanceof Unknown);
  const filled = texts.map((text, index) => text + (index < holes.length ? toText(holes[index] ?? '') : '')).join('');
  return unknown instanceof Unknown ? new Unknown(filled) : filled;
}

/** A value as a text holds it. */
export function toText(value: Value): string {
  if (value instanceof Unknown) return `<${value.source}>`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function toKey(value: Value): string {
  return toText(value);
}

function toMember(object: Value, key: Value): Value {
  if (object instanceof Unknown) return new Unknown(`${object.source}.${toText(key)}`);
  if (Array.isArray(object)) return (object as readonly Value[])[Number(key)] ?? null;
  if (typeof object === 'object' && object !== null && typeof key === 'string' && key in object) {
    return (object as Record<string, Value>)[key] ?? null;
  }
  throw new Error(`there is no member "${toText(key)}"`);
}

type BicepFunction = (args: readonly Value[], path: string) => Value;

const hash = (values: readonly Value[]): string =>
  createHash('sha256').update(values.map(toText).join('|')).digest('hex');

const functions: Readonly<Record<string, BicepFunction>> = {
  concat: (args) => (args.every(Array.isArray) ? args.flat() : args.map(toText).join('')),
  empty: ([value]) =>
    value === '' || value === null || (Array.isArray(value) ? value.length === 0 : toSize(value) === 0),
  environment: () => ({ name: 'AzureCloud', suffixes: { storage: 'core.windows.net' } }),
  guid: (args) => hash(args).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'),
  loadTextContent: ([file], path) => readFileSync(join(dirname(path), toText(file ?? '')), 'utf8'),
  max: (args) => Math.max(...args.map(Number)),
  replace: ([text, from, to]) =>
    text instanceof Unknown ? text : toText(text ?? '').replaceAll(toText(from ?? ''), toText(to ?? '')),
  resourceGroup: () => ({ id: '/group', name: 'group' }),
  split: ([text, by]) => (text instanceof Unknown ? [text] : toText(text ?? '').split(toText(by ?? ''))),
  string: ([value]) => toText(value ?? null),
  subscription: () => ({ id: '/subscriptions/1', subscriptionId: '1' }),
  subscriptionResourceId: (args) => `/subscriptions/1/providers/${args.map(toText).join('/')}`,
  toLower: ([text]) => toText(text ?? '').toLowerCase(),
  union: (args) => Object.assign({}, ...args) as Value,
  uniqueString: (args) => hash(args).slice(0, 13),
};

function toSize(value: Value | undefined): number {
  return typeof value === 'object' && value !== null ? Object.keys(value).length : -1;
}

function call(name: string, args: readonly Expression[], scope: Scope): Value {
  const known = functions[name];
  if (!known) throw new Error(`function "${name}" is not evaluated`);
  return known(
    args.map((argument) => evaluate(argument, scope)),
    scope.path,
  );
}
