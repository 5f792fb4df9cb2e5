import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { checkDeclarations } from './check-declarations.js';
import { checkNames, type ModuleOutputs } from './check-names.js';
import { checkOrder } from './check-order.js';
import { parseBicepFile } from './parse-file.js';
import { type BicepFile, type Expression, findEntry, type Module, type Param, toBody } from './syntax.js';
import { BicepSyntaxError, type Position } from './tokens.js';

/**
 * Check a Bicep file and every module below it; one line per problem, `path:line:column what`.
 *
 * It is not the compiler. It knows the grammar that `infra/` uses and refuses the rest; it follows names, modules with
 * their parameters and outputs, parents and scopes, and the order of a deployment; it knows the members of `properties`
 * of a table of resource types, and of a few objects below. It does not know the values those members take.
 */
export function checkBicep(path: string, seen = new Set<string>()): string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  try {
    const file = parseBicepFile(path);
    const problems: string[] = [];
    const report = (at: Position, message: string): void => {
      problems.push(`${path}:${at.line}:${at.column} ${message}`);
    };
    checkDeclarations(file, report);
    checkNames(file, checkModules(file, seen, problems), report);
    checkOrder(file, report);
    return problems;
  } catch (error) {
    if (error instanceof BicepSyntaxError) return [error.message];
    throw error;
  }
}

/** Check the modules of a file and the calls to them; their outputs, by symbolic name. */
function checkModules(file: BicepFile, seen: Set<string>, problems: string[]): ModuleOutputs {
  const outputs = new Map<string, Set<string>>();
  for (const module of file.declarations) {
    if (module.kind !== 'module') continue;
    const path = toModulePath(file, module);
    const report = (at: Position, message: string): void => {
      problems.push(`${file.path}:${at.line}:${at.column} ${message}`);
    };
    if (!existsSync(path)) {
      report(module, `module file "${module.path}" does not exist`);
      continue;
    }
    problems.push(...checkBicep(path, seen));
    const called = parseBicepFile(path);
    checkCall(module, called, report);
    const names = called.declarations.filter(({ kind }) => kind === 'output').map(({ name }) => name);
    outputs.set(module.name, new Set(names));
  }
  return outputs;
}

export function toModulePath(file: BicepFile, module: Module): string {
  return normalize(join(dirname(file.path), module.path));
}

function checkCall(module: Module, called: BicepFile, report: (at: Position, message: string) => void): void {
  const body = toBody(module.value);
  const given = findEntry(body, 'params');
  const entries = given?.kind === 'object' ? given.entries : [];
  const params = called.declarations.filter((each): each is Param => each.kind === 'param');
  for (const entry of entries) {
    const name = entry.key.kind === 'literal' ? String(entry.key.value) : '';
    const param = params.find((each) => each.name === name);
    if (!param) report(entry, `module "${module.name}" has no parameter "${name}"`);
    else checkArgument(module.name, param, entry.value, report);
  }
  const names = entries.map(({ key }) => (key.kind === 'literal' ? key.value : undefined));
  for (const param of params) {
    const optional = param.default !== undefined || param.type.endsWith('?');
    if (!optional && !names.includes(param.name)) {
      report(module, `module "${module.name}" is not given "${param.name}"`);
    }
  }
}

function checkArgument(
  module: string,
  param: Param,
  value: Expression,
  report: (at: Position, message: string) => void,
): void {
  const type = toType(value);
  const wanted = param.type.endsWith('[]') ? 'array' : param.type;
  if (type !== undefined && type !== wanted) {
    report(value, `parameter "${param.name}" of module "${module}" is a ${param.type}, not a ${type}`);
  }
  const allowed = param.decorators.find((decorator) => decorator.name === 'allowed')?.args[0];
  if (value.kind !== 'literal' || allowed?.kind !== 'array') return;
  const values = allowed.items.map((item) => (item.kind === 'literal' ? item.value : undefined));
  if (!values.includes(value.value)) {
    report(value, `parameter "${param.name}" of module "${module}" is one of ${values.join(', ')}`);
  }
}

/** The type of an expression, where it can be told from its form alone. */
function toType(value: Expression): string | undefined {
  switch (value.kind) {
    case 'literal':
      if (typeof value.value === 'number') return 'int';
      if (typeof value.value === 'boolean') return 'bool';
      return value.value === null ? undefined : 'string';
    case 'interpolation':
      return 'string';
    case 'object':
      return 'object';
    case 'array':
    case 'loop':
      return 'array';
    case 'unary':
      return value.operator === '!' ? 'bool' : 'int';
    default:
      return undefined;
  }
}
