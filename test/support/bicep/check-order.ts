import type { Report } from './check-names.js';
import { type BicepFile, type Declaration, type Expression, findEntry, toBody, toChildren } from './syntax.js';

/**
 * What must be known before anything is deployed, and what depends on what: names, scopes, conditions and the lists of
 * loops may not come from a deployed resource; nothing depends on itself; no dependency is stated that exists anyway.
 */
export function checkOrder(file: BicepFile, report: Report): void {
  const declared = new Map(file.declarations.filter(({ kind }) => kind !== 'output').map((each) => [each.name, each]));
  const order = new Order(declared);
  for (const declaration of file.declarations) {
    if (order.dependsOnItself(declaration)) report(declaration, `"${declaration.name}" depends on itself`);
    if (declaration.kind === 'param' || declaration.kind === 'output') continue;
    for (const node of toEarly(declaration)) {
      const late = order.findLate(node);
      if (late)
        report(late, `"${declaration.name}" must be known before anything is deployed; this is known only after`);
    }
    checkStatedDependencies(declaration, order, report);
  }
}

/** The expressions of a declaration that must be known from the start. */
function toEarly(declaration: Exclude<Declaration, { kind: 'param' | 'output' }>): Expression[] {
  const early = toAll(declaration.value).flatMap((node) => {
    if (node.kind === 'loop') return [node.list];
    return node.kind === 'if' ? [node.condition] : [];
  });
  if (declaration.kind === 'var') return early;
  const body = toBody(declaration.value);
  return [...early, ...['name', 'scope'].flatMap((key) => findEntry(body, key) ?? [])];
}

function toAll(node: Expression): Expression[] {
  return [node, ...toChildren(node).flatMap(toAll)];
}

function checkStatedDependencies(declaration: Declaration, order: Order, report: Report): void {
  if (declaration.kind !== 'resource' && declaration.kind !== 'module') return;
  const stated = findEntry(toBody(declaration.value), 'dependsOn');
  if (stated?.kind !== 'array') return;
  const others = order.usedBy(declaration, stated);
  for (const item of stated.items) {
    if (item.kind === 'name' && others.has(item.name)) report(item, `"${item.name}" is depended on anyway`);
  }
}

class Order {
  constructor(private readonly declared: ReadonlyMap<string, Declaration>) {}

  /** The part of an expression that is known only after a deployment, also behind variables. */
  findLate(node: Expression, seen: ReadonlySet<string> = new Set()): Expression | undefined {
    if (node.kind === 'member' && this.isLateMember(node)) return node;
    if (node.kind === 'name' && !seen.has(node.name)) {
      const target = this.declared.get(node.name);
      if (target?.kind === 'var') return this.findLate(target.value, new Set([...seen, node.name])) && node;
    }
    for (const child of toChildren(node)) {
      const late = this.findLate(child, seen);
      if (late) return late;
    }
    return undefined;
  }

  private isLateMember({ object, name }: Expression & { kind: 'member' }): boolean {
    const base = object.kind === 'index' ? object.object : object;
    const target = base.kind === 'name' ? this.declared.get(base.name) : undefined;
    if (target?.kind === 'module') return name === 'outputs';
    return target?.kind === 'resource' && !['id', 'name', 'type', 'apiVersion'].includes(name);
  }

  dependsOnItself(declaration: Declaration): boolean {
    if (declaration.kind === 'output') return false;
    const seen = new Set<string>();
    const waiting = [...this.uses(declaration)];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (name === declaration.name) return true;
      const next = this.declared.get(name);
      if (!next || seen.has(name)) continue;
      seen.add(name);
      waiting.push(...this.uses(next));
    }
    return false;
  }

  /** Every resource and module a declaration needs, also through variables and others, leaving one expression out. */
  usedBy(declaration: Declaration, leaveOut: Expression): Set<string> {
    const found = new Set<string>();
    const waiting = [...this.uses(declaration, leaveOut)];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const next = this.declared.get(name);
      if (!next || found.has(name)) continue;
      found.add(name);
      waiting.push(...this.uses(next));
    }
    return found;
  }

  private uses(declaration: Declaration, leaveOut?: Expression): string[] {
    const value = declaration.kind === 'param' ? declaration.default : declaration.value;
    if (!value) return [];
    const visit = (node: Expression, locals: readonly string[]): string[] => {
      if (node === leaveOut) return [];
      if (node.kind === 'name') return locals.includes(node.name) ? [] : [node.name];
      if (node.kind === 'loop') {
        const inner = [...locals, node.item, ...(node.index === undefined ? [] : [node.index])];
        return [...visit(node.list, locals), ...visit(node.body, inner)];
      }
      return toChildren(node).flatMap((child) => visit(child, locals));
    };
    return visit(value, []);
  }
}
