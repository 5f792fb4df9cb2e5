import { z } from 'zod';
import { ProblemDetails } from './problem-details.js';
import { toRolesAllowed } from './roles.js';
import type { Route } from './route.js';
import { routes } from './routes.js';

type Json = Readonly<Record<string, unknown>>;

/** Version of the API; a change that breaks callers raises its first number. */
const apiVersion = '1.0.0';

/** The OpenAPI 3.1 document of the API, made from the route table and its zod schemas. */
export function toOpenApi(): Json {
  const components = new Components();
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, route] of Object.entries<Route>(routes)) {
    const path = `/${route.path.replace('{*', '{')}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: toOperation(name, route, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Outport',
      version: apiVersion,
      description: 'Signals, decisions and triggers of data products: look, explain, simulate, repair.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api' }],
    security: [{ functionsKey: [] }],
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: {
        functionsKey: { type: 'apiKey', in: 'header', name: 'x-functions-key' },
      },
    },
  };
}

function toOperation(name: string, route: Route, components: Components): Json {
  return {
    operationId: name,
    summary: route.summary,
    description: `Needs role ${toRolesAllowed(route.role).join(' or ')}.`,
    parameters: [
      ...toParameters('path', route.params, components),
      ...toParameters('query', route.query, components),
      ...(route.etag && route.method !== 'GET' ? [ifMatch] : []),
    ],
    ...(route.body && {
      requestBody: { required: true, content: toContent(components.add(route.body, 'input')) },
    }),
    responses: {
      [String(route.status)]: {
        description: 'Done',
        ...(route.etag && { headers: { ETag: { schema: { type: 'string' } } } }),
        content: toContent(components.add(route.response, 'output')),
      },
      default: {
        description: 'A problem',
        content: { 'application/problem+json': { schema: components.add(ProblemDetails, 'output') } },
      },
    },
  };
}

const ifMatch = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'Do it only in the state that this ETag names.',
  schema: { type: 'string' },
};

function toContent(schema: Json): Json {
  return { 'application/json': { schema } };
}

function toParameters(place: 'path' | 'query', schema: z.ZodObject | undefined, components: Components): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, member]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(member as z.ZodType, undefined).success,
    schema: components.add(member as z.ZodType, 'input'), // the members of an object schema are schemas
  }));
}

/** Collects named schemas; one whose input and output forms differ gets two names. */
class Components {
  readonly schemas: Record<string, Json> = {};

  /** The schema as a reference or in place, with everything it names put among the components. */
  add(schema: z.ZodType, io: 'input' | 'output'): Json {
    const { $schema: _dialect, $defs = {}, ...own } = z.toJSONSchema(schema, { io, reused: 'inline' });
    const definitions = $defs as Record<string, Json>; // the generator's own map of named schemas
    const names = new Map<string, string>();
    for (const [id, definition] of Object.entries(definitions)) names.set(id, this.#nameFor(id, definition, io));
    const rewritten = (value: Json): Json => rewriteReferences(value, names) as Json; // an object stays an object
    for (const [id, definition] of Object.entries(definitions)) {
      this.schemas[names.get(id) ?? id] = rewritten(withoutId(definition));
    }
    const { id } = schema.meta() ?? {};
    if (id === undefined) return rewritten(withoutId(own));
    const name = this.#nameFor(id, own, io);
    this.schemas[name] = rewritten(withoutId(own));
    return { $ref: `#/components/schemas/${name}` };
  }

  #nameFor(id: string, definition: Json, io: 'input' | 'output'): string {
    const known = this.schemas[id];
    if (known === undefined || JSON.stringify(toPlain(known)) === JSON.stringify(toPlain(withoutId(definition))))
      return id;
    return io === 'input' ? `${id}Input` : `${id}Output`;
  }
}

/** References compare by what they name, wherever that is kept. */
function toPlain(value: Json): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(/#\/(?:\$defs|components\/schemas)\//g, '#/'));
}

function withoutId({ id: _id, ...rest }: Json): Json {
  return rest;
}

function rewriteReferences(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((each) => rewriteReferences(each, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (key !== '$ref' || typeof member !== 'string') return [key, rewriteReferences(member, names)];
      const id = member.replace('#/$defs/', '');
      return [key, `#/components/schemas/${names.get(id) ?? id}`];
    }),
  );
}
