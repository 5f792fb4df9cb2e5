import { toModulePath } from './check-bicep.js';
import { evaluate, type Scope, toRounds, toText, Unknown, type Value } from './evaluate.js';
import { parseBicepFile } from './parse-file.js';
import type { BicepFile, Declaration, Expression, Module, Resource } from './syntax.js';

type Fields = { readonly [key: string]: Value };

/** One resource as a deployment with given parameters would make it. */
export interface Deployed {
  readonly type: string;
  /** Names from the outermost parent on, such as `ns/hub/group`. */
  readonly name: string;
  readonly id: string;
  readonly body: Fields;
  readonly properties: Fields;
  /** Symbolic name, and the file it stands in. */
  readonly symbol: string;
  readonly file: string;
}

/** Every resource that `path` and its modules deploy with these parameters, and its outputs. */
export function expand(path: string, params: Fields): { resources: Deployed[]; outputs: Fields } {
  const expansion = new Expansion(parseBicepFile(path), params);
  return { resources: expansion.deploy(), outputs: expansion.outputs() };
}

class Expansion {
  private readonly values = new Map<string, Value>();
  private readonly resources: Deployed[] = [];
  private readonly declared: ReadonlyMap<string, Declaration>;

  constructor(
    private readonly file: BicepFile,
    private readonly params: Fields,
  ) {
    const named = file.declarations.filter(({ kind }) => kind !== 'output');
    this.declared = new Map(named.map((declaration) => [declaration.name, declaration]));
  }

  deploy(): Deployed[] {
    for (const name of this.declared.keys()) this.lookup(name);
    return this.resources;
  }

  outputs(): Fields {
    const outputs = this.file.declarations.filter((each) => each.kind === 'output');
    return Object.fromEntries(outputs.map((output) => [output.name, evaluate(output.value, this.scope)]));
  }

  private get scope(): Scope {
    return { lookup: (name) => this.lookup(name), path: this.file.path };
  }

  private lookup(name: string): Value {
    const known = this.values.get(name);
    if (known !== undefined) return known;
    const declaration = this.declared.get(name);
    if (!declaration) throw new Error(`${this.file.path}: "${name}" is not declared`);
    const value = this.valueOf(declaration);
    this.values.set(name, value);
    return value;
  }

  private valueOf(declaration: Declaration): Value {
    switch (declaration.kind) {
      case 'param':
        return this.param(declaration);
      case 'var':
      case 'output':
        return evaluate(declaration.value, this.scope);
      case 'resource':
        return this.each(declaration.value, this.scope, (body, scope) => this.resource(declaration, body, scope));
      case 'module':
        return this.each(declaration.value, this.scope, (body, scope) => this.module(declaration, body, scope));
      default:
        return declaration satisfies never;
    }
  }

  private param(param: Extract<Declaration, { kind: 'param' }>): Value {
    const given = this.params[param.name];
    if (given !== undefined) return given;
    if (!param.default) throw new Error(`${this.file.path}: parameter "${param.name}" is not given`);
    return evaluate(param.default, this.scope);
  }

  /** Loops give a list, conditions that do not hold give null. */
  private each(value: Expression, scope: Scope, make: (body: Expression, scope: Scope) => Value): Value {
    if (value.kind === 'loop') return toRounds(value, scope).map((round) => this.each(value.body, round, make));
    if (value.kind !== 'if') return make(value, scope);
    return evaluate(value.condition, scope) === true ? make(value.body, scope) : null;
  }

  private resource(resource: Resource, body: Expression, scope: Scope): Value {
    const fields = evaluate(withoutDependencies(body), scope) as Fields;
    const parent = fields['parent'] as Fields | undefined;
    const name = [...(parent ? [parent['path'] ?? ''] : []), fields['name'] ?? ''].map(toText).join('/');
    const id = `/${resource.type}/${name}`;
    const properties = (fields['properties'] ?? {}) as Fields;
    if (!resource.existing) {
      const { symbol, file } = { symbol: resource.name, file: this.file.path };
      this.resources.push({ type: resource.type, name, id, body: fields, properties, symbol, file });
    }
    return { ...fields, id, path: name, type: resource.type, properties: new Unknown(`${resource.name}.properties`) };
  }

  private module(module: Module, body: Expression, scope: Scope): Value {
    const fields = evaluate(withoutDependencies(body), scope) as Fields;
    const { resources, outputs } = expand(toModulePath(this.file, module), (fields['params'] ?? {}) as Fields);
    this.resources.push(...resources);
    return { name: fields['name'] ?? null, outputs };
  }
}

/** Stated dependencies order a deployment and change nothing that is deployed. */
function withoutDependencies(body: Expression): Expression {
  if (body.kind !== 'object') return body;
  return {
    ...body,
    entries: body.entries.filter(({ key }) => !(key.kind === 'literal' && key.value === 'dependsOn')),
  };
}
