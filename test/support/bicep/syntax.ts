import type { Comment, Position } from './tokens.js';

/** An expression of the part of Bicep that `infra/` uses. */
export type Expression = Position &
  (
    | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
    | { readonly kind: 'interpolation'; readonly texts: readonly string[]; readonly holes: readonly Expression[] }
    | { readonly kind: 'name'; readonly name: string }
    /** `careful` for `a!.b` and `a.?b`, which say what to do when `a` is not deployed. */
    | { readonly kind: 'member'; readonly object: Expression; readonly name: string; readonly careful: boolean }
    | { readonly kind: 'index'; readonly object: Expression; readonly index: Expression }
    | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
    | {
        readonly kind: 'method';
        readonly object: Expression;
        readonly name: string;
        readonly args: readonly Expression[];
      }
    | { readonly kind: 'object'; readonly entries: readonly Entry[] }
    | { readonly kind: 'array'; readonly items: readonly Expression[] }
    | Loop
    | { readonly kind: 'if'; readonly condition: Expression; readonly body: Expression }
    | { readonly kind: 'ternary'; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
    | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
    | { readonly kind: 'lambda'; readonly params: readonly string[]; readonly body: Expression }
  );

/** `[for item in list: body]` or `[for (item, index) in list: body]`. */
export interface Loop {
  readonly kind: 'loop';
  readonly item: string;
  readonly index?: string;
  readonly list: Expression;
  readonly body: Expression;
}

export interface Entry extends Position {
  readonly key: Expression;
  readonly value: Expression;
}

export interface Decorator extends Position {
  readonly name: string;
  readonly args: readonly Expression[];
}

interface Named extends Position {
  readonly name: string;
  readonly decorators: readonly Decorator[];
}

export interface Param extends Named {
  readonly kind: 'param';
  /** As written, such as `string`, `string[]` or `object`. */
  readonly type: string;
  readonly default?: Expression;
}

export interface Variable extends Named {
  readonly kind: 'var';
  readonly value: Expression;
}

export interface Resource extends Named {
  readonly kind: 'resource';
  readonly type: string;
  readonly apiVersion: string;
  readonly existing: boolean;
  readonly value: Expression;
}

export interface Module extends Named {
  readonly kind: 'module';
  readonly path: string;
  readonly value: Expression;
}

export interface Output extends Named {
  readonly kind: 'output';
  readonly type: string;
  readonly value: Expression;
}

export type Declaration = Param | Variable | Resource | Module | Output;

export interface BicepFile {
  readonly path: string;
  readonly targetScope: string;
  readonly declarations: readonly Declaration[];
  readonly comments: readonly Comment[];
}

/** The object literal of a resource or module, below its loop and condition. */
export function toBody(value: Expression): Extract<Expression, { kind: 'object' }> | undefined {
  switch (value.kind) {
    case 'object':
      return value;
    case 'loop':
    case 'if':
      return toBody(value.body);
    default:
      return undefined;
  }
}

/** The value of a member of an object literal. */
export function findEntry(object: Expression | undefined, key: string): Expression | undefined {
  if (object?.kind !== 'object') return undefined;
  return object.entries.find((entry) => entry.key.kind === 'literal' && entry.key.value === key)?.value;
}

/** Expressions directly below this one. */
export function toChildren(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'literal':
    case 'name':
      return [];
    case 'interpolation':
      return node.holes;
    case 'member':
      return [node.object];
    case 'index':
      return [node.object, node.index];
    case 'call':
      return node.args;
    case 'method':
      return [node.object, ...node.args];
    case 'object':
      return node.entries.flatMap((entry) => [entry.key, entry.value]);
    case 'array':
      return node.items;
    case 'loop':
      return [node.list, node.body];
    case 'if':
      return [node.condition, node.body];
    case 'ternary':
      return [node.test, node.yes, node.no];
    case 'binary':
      return [node.left, node.right];
    case 'unary':
      return [node.operand];
    case 'lambda':
      return [node.body];
    default:
      return node satisfies never;
  }
}
