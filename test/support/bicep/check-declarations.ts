import type { Report } from './check-names.js';
import { resourceTypes } from './resource-types.js';
import {
  type BicepFile,
  type Expression,
  findEntry,
  type Module,
  type Param,
  type Resource,
  toBody,
} from './syntax.js';

const commonMembers = ['name', 'parent', 'scope', 'dependsOn'];
const paramTypes = /^(?:string|int|bool|object|array|(?:string|int|bool|object)\[\])$/;

/** Each declaration by itself: known types and versions, members that must or may be there, parents that fit. */
export function checkDeclarations(file: BicepFile, report: Report): void {
  for (const declaration of file.declarations) {
    switch (declaration.kind) {
      case 'param':
      case 'output':
        if (!paramTypes.test(declaration.type)) report(declaration, `"${declaration.type}" is no type`);
        if (declaration.kind === 'param') checkParam(declaration, report);
        break;
      case 'resource':
        checkResource(file, declaration, report);
        break;
      case 'module':
        checkModule(file, declaration, report);
        break;
      case 'var':
        break;
      default:
        declaration satisfies never;
    }
  }
}

const decorators = ['description', 'allowed', 'minLength', 'maxLength', 'minValue', 'maxValue', 'secure'];

function checkParam(param: Param, report: Report): void {
  for (const decorator of param.decorators) {
    if (!decorators.includes(decorator.name)) report(decorator, `"@${decorator.name}" is no decorator of a parameter`);
  }
  const given = param.default;
  if (given?.kind !== 'literal') return;
  const argument = (name: string) => param.decorators.find((each) => each.name === name)?.args[0];
  const [allowed, least, most] = ['allowed', 'minValue', 'maxValue'].map(argument);
  const values = allowed?.kind === 'array' ? allowed.items : undefined;
  if (values && !values.some((item) => item.kind === 'literal' && item.value === given.value)) {
    report(given, `the default of "${param.name}" is not allowed`);
  }
  const below = least?.kind === 'literal' && Number(given.value) < Number(least.value);
  const above = most?.kind === 'literal' && Number(given.value) > Number(most.value);
  if (below || above) report(given, `the default of "${param.name}" is out of its bounds`);
}

function checkResource(file: BicepFile, resource: Resource, report: Report): void {
  const known = resourceTypes[resource.type];
  if (!known) return report(resource, `resource type "${resource.type}" is not in the table of known types`);
  if (known.apiVersion !== resource.apiVersion) {
    report(resource, `"${resource.type}" is known in version ${known.apiVersion}, not ${resource.apiVersion}`);
  }
  const body = toBody(resource.value);
  if (!body) return report(resource, `"${resource.name}" has no body`);
  const required = resource.existing ? [] : known.members.split(' ');
  const allowed = resource.existing ? [] : known.members.split(' ');
  checkMembers({ body, required: ['name!', ...required], allowed: [...commonMembers, ...allowed] }, resource, report);
  const properties = findEntry(body, 'properties');
  const names = known.properties.split(' ');
  if (properties?.kind === 'object') {
    checkMembers({ body: properties, required: names, allowed: names }, resource, report);
  }
  for (const [path, members] of Object.entries(known.below ?? {})) {
    const object = path.split('.').reduce<Expression | undefined>(findEntry, properties);
    const [required, allowed] = [members.split(' '), members.split(' ')];
    if (object) checkMembers({ body: object, required, allowed }, resource, report);
  }
  checkPlace(file, resource, body, report);
}

interface Members {
  readonly body: Expression;
  readonly required: readonly string[];
  readonly allowed: readonly string[];
}

function checkMembers({ body, required, allowed }: Members, resource: Resource, report: Report): void {
  if (body.kind !== 'object') return;
  const names = body.entries.map(({ key }) => (key.kind === 'literal' ? String(key.value) : undefined));
  for (const name of required.filter((each) => each.endsWith('!')).map((each) => each.slice(0, -1))) {
    if (!names.includes(name)) report(body, `"${resource.name}" lacks "${name}"`);
  }
  const known = allowed.map((name) => name.replace(/!$/, ''));
  body.entries.forEach((entry, index) => {
    const name = names[index];
    if (name !== undefined && !known.includes(name)) report(entry, `${resource.type} has no "${name}"`);
  });
}

/** A child names its parent; only what extends another resource has a scope; a group's resources are not the subscription's. */
function checkPlace(file: BicepFile, resource: Resource, body: Expression, report: Report): void {
  const segments = resource.type.split('/');
  const parent = findEntry(body, 'parent');
  const scope = findEntry(body, 'scope');
  const extension = /^Microsoft\.(?:Authorization\/roleAssignments|Insights\/diagnosticSettings)$/.test(resource.type);
  if (segments.length > 2 && !parent) report(resource, `"${resource.name}" lacks its parent`);
  if (parent) checkParent(file, resource, parent, report);
  if (extension && !scope) report(resource, `"${resource.name}" lacks the scope it belongs to`);
  if (!extension && scope) report(resource, `"${resource.name}" cannot have a scope`);
  if (file.targetScope === 'subscription' && resource.type !== 'Microsoft.Resources/resourceGroups') {
    report(resource, `"${resource.name}" belongs in a resource group; deploy it from a module`);
  }
}

function checkParent(file: BicepFile, resource: Resource, parent: Expression, report: Report): void {
  const base = parent.kind === 'index' ? parent.object : parent;
  const target = file.declarations.find((each) => base.kind === 'name' && each.name === base.name);
  const expected = resource.type.split('/').slice(0, -1).join('/');
  if (target?.kind !== 'resource') report(parent, `the parent of "${resource.name}" is no resource`);
  else if (target.type !== expected)
    report(parent, `the parent of "${resource.name}" is a ${target.type}, not a ${expected}`);
}

function checkModule(file: BicepFile, module: Module, report: Report): void {
  const body = toBody(module.value);
  if (!body) return report(module, `"${module.name}" has no body`);
  const allowed = ['name', 'params', 'scope', 'dependsOn'];
  for (const entry of body.entries) {
    const name = entry.key.kind === 'literal' ? String(entry.key.value) : '';
    if (!allowed.includes(name)) report(entry, `a module has no "${name}"`);
  }
  if (!findEntry(body, 'name')) report(module, `"${module.name}" lacks "name"`);
  if (file.targetScope === 'subscription' && !findEntry(body, 'scope')) {
    report(module, `"${module.name}" lacks the group it is deployed to`);
  }
}
