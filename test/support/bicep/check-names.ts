import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bicepFunctions } from './functions.js';
import { type BicepFile, type Declaration, type Expression, toChildren } from './syntax.js';
import type { Position } from './tokens.js';

export type Report = (at: Position, message: string) => void;

/** Members every resource has, before and after it is deployed. */
const resourceMembers = [
  'id',
  'name',
  'type',
  'apiVersion',
  'location',
  'properties',
  'identity',
  'sku',
  'kind',
  'tags',
];

/** Outputs of the modules a file uses, by the module's symbolic name. */
export type ModuleOutputs = ReadonlyMap<string, ReadonlySet<string>>;

/** Names: each is declared once, each that is used is declared, each that is declared is used. */
export function checkNames(file: BicepFile, outputs: ModuleOutputs, report: Report): void {
  const declared = new Map<string, Declaration>();
  for (const declaration of file.declarations) {
    if (declaration.kind === 'output') continue;
    if (declared.has(declaration.name)) report(declaration, `"${declaration.name}" is declared twice`);
    if (declaration.name in bicepFunctions) report(declaration, `"${declaration.name}" is the name of a function`);
    declared.set(declaration.name, declaration);
  }
  const used = new Set<string>();
  const checker = new NameChecker(file, { declared, outputs, used }, report);
  for (const declaration of file.declarations) checker.declaration(declaration);
  for (const [name, { kind, ...at }] of declared) {
    const mustBeUsed = kind === 'param' || kind === 'var' || ('existing' in at && at.existing);
    if (mustBeUsed && !used.has(name)) report(at, `"${name}" is not used`);
  }
  checkOutputsAreUnique(file, report);
}

function checkOutputsAreUnique(file: BicepFile, report: Report): void {
  const names = new Set<string>();
  for (const declaration of file.declarations) {
    if (declaration.kind !== 'output') continue;
    if (names.has(declaration.name)) report(declaration, `output "${declaration.name}" is declared twice`);
    names.add(declaration.name);
  }
}

interface Names {
  readonly declared: ReadonlyMap<string, Declaration>;
  readonly outputs: ModuleOutputs;
  /** Filled with every declared name that is used. */
  readonly used: Set<string>;
}

class NameChecker {
  constructor(
    private readonly file: BicepFile,
    private readonly names: Names,
    private readonly report: Report,
  ) {}

  declaration(declaration: Declaration): void {
    const value = declaration.kind === 'param' ? declaration.default : declaration.value;
    if (value) this.visit(value, new Set());
    for (const argument of declaration.decorators.flatMap((decorator) => decorator.args)) {
      this.visit(argument, new Set());
    }
  }

  private visit(node: Expression, locals: ReadonlySet<string>): void {
    switch (node.kind) {
      case 'name':
        this.name(node, locals);
        return;
      case 'call':
        this.call(node);
        break;
      case 'method':
        this.report(node, `"${node.name}" is called on a resource; keys and secrets have no place here`);
        break;
      case 'member':
        this.output(node, locals);
        this.member(node, locals);
        break;
      case 'index':
        this.index(node, locals);
        break;
      case 'loop':
        this.visit(node.list, locals);
        this.visit(node.body, new Set([...locals, node.item, ...(node.index === undefined ? [] : [node.index])]));
        return;
      case 'lambda':
        this.visit(node.body, new Set([...locals, ...node.params]));
        return;
      case 'object':
        this.object(node);
        break;
      default:
    }
    for (const child of toChildren(node)) this.visit(child, locals);
  }

  private name(node: Expression & { kind: 'name' }, locals: ReadonlySet<string>): void {
    if (locals.has(node.name)) return;
    if (this.names.declared.has(node.name)) this.names.used.add(node.name);
    else this.report(node, `"${node.name}" is not declared`);
  }

  private call(node: Expression & { kind: 'call' }): void {
    const arity = bicepFunctions[node.name];
    if (!arity) return this.report(node, `"${node.name}" is no function this check knows`);
    const [least, most] = arity;
    if (node.args.length < least || node.args.length > most) {
      this.report(node, `"${node.name}" takes ${least} to ${most} arguments, not ${node.args.length}`);
    }
    if (node.name === 'resourceGroup' && this.file.targetScope === 'subscription') {
      this.report(node, 'there is no resource group at subscription scope');
    }
    if (node.name === 'loadTextContent') this.loadedFile(node);
  }

  private loadedFile(node: Expression & { kind: 'call' }): void {
    const [path] = node.args;
    if (path?.kind !== 'literal' || typeof path.value !== 'string') {
      return this.report(node, 'a file to load must be named by a plain text');
    }
    if (!existsSync(join(dirname(this.file.path), path.value))) this.report(node, `"${path.value}" does not exist`);
  }

  private member(node: Expression & { kind: 'member' }, locals: ReadonlySet<string>): void {
    const target = this.target(node.object, locals);
    if (!target) return;
    this.looped(target, node);
    if (target.kind === 'resource') {
      if (!resourceMembers.includes(node.name)) this.report(node, `a resource has no member "${node.name}"`);
      return;
    }
    if (!['name', 'outputs'].includes(node.name)) this.report(node, `a module has no member "${node.name}"`);
    if (target.value.kind === 'if' && node.name === 'outputs' && !node.careful) {
      this.report(node, `"${target.name}" may not be deployed; write ! or .? and say why`);
    }
  }

  private index(node: Expression & { kind: 'index' }, locals: ReadonlySet<string>): void {
    const target = node.object.kind === 'name' ? this.find(node.object.name, locals) : undefined;
    if (target && target.value.kind !== 'loop') this.report(node, `"${target.name}" is no loop`);
  }

  private looped(target: Declaration & { kind: 'resource' | 'module' }, node: Expression & { kind: 'member' }): void {
    if (target.value.kind === 'loop' && node.object.kind === 'name') {
      this.report(node, `"${target.name}" is a loop; say which one of it`);
    }
  }

  /** The resource or module that `x` or `x[i]` stands for. */
  private target(
    object: Expression,
    locals: ReadonlySet<string>,
  ): (Declaration & { kind: 'resource' | 'module' }) | undefined {
    const base = object.kind === 'index' ? object.object : object;
    return base.kind === 'name' ? this.find(base.name, locals) : undefined;
  }

  private find(name: string, locals: ReadonlySet<string>): (Declaration & { kind: 'resource' | 'module' }) | undefined {
    const found = locals.has(name) ? undefined : this.names.declared.get(name);
    return found?.kind === 'resource' || found?.kind === 'module' ? found : undefined;
  }

  /** `module.outputs.x`, met at its outer member. */
  private output(node: Expression & { kind: 'member' }, locals: ReadonlySet<string>): void {
    if (node.object.kind !== 'member' || node.object.name !== 'outputs') return;
    const target = this.target(node.object.object, locals);
    if (target?.kind !== 'module') return;
    const known = this.names.outputs.get(target.name);
    if (known && !known.has(node.name)) this.report(node, `module "${target.name}" has no output "${node.name}"`);
  }

  private object(node: Expression & { kind: 'object' }): void {
    const keys = new Set<unknown>();
    for (const { key, ...at } of node.entries) {
      if (key.kind !== 'literal') continue;
      if (keys.has(key.value)) this.report(at, `"${String(key.value)}" is set twice`);
      keys.add(key.value);
    }
  }
}
