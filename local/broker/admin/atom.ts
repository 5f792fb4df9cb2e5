import { XMLBuilder, XMLParser } from 'fast-xml-parser';

/** An element tree as fast-xml-parser reads and writes it; attributes start with `@`. */
export type Xml = { readonly [name: string]: unknown };

const attributePrefix = '@';
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: attributePrefix,
  parseTagValue: false,
  processEntities: true,
});
const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: attributePrefix,
  suppressEmptyNode: false,
});

const atomNamespace = 'http://www.w3.org/2005/Atom';
const serviceNamespace = 'http://schemas.microsoft.com/netservices/2010/10/servicebus/connect';
const instanceNamespace = 'http://www.w3.org/2001/XMLSchema-instance';

/** The description inside an ATOM entry a client sent; undefined when there is none. */
export function readDescription(body: string, kind: string): Xml | undefined {
  const description = child(child(child(parse(body), 'entry'), 'content'), kind);
  if (description === '') return {};
  return typeof description === 'object' && description !== null ? (description as Xml) : undefined;
}

/** Undefined for what is no XML, or is nested so deeply that only an attack is. */
function parse(body: string): unknown {
  try {
    return parser.parse(body);
  } catch {
    return undefined;
  }
}

function child(element: unknown, name: string): unknown {
  return typeof element === 'object' && element !== null ? (element as Xml)[name] : undefined;
}

/** One entity in an answer. */
export interface AtomEntry {
  /** Path of the entity, from which clients read its name. */
  readonly path: string;
  readonly kind: string;
  readonly description: Xml;
}

/** An entry, with `id` and description as clients expect them. */
export function writeEntry(baseUrl: string, entry: AtomEntry): string {
  return builder.build({ entry: toEntry(baseUrl, entry) });
}

/** A page of entries; `nextPath` when there are more. */
export function writeFeed(baseUrl: string, entries: readonly AtomEntry[], nextPath?: string): string {
  const links = [
    { '@rel': 'self', '@href': baseUrl },
    ...(nextPath === undefined ? [] : [{ '@rel': 'next', '@href': baseUrl + nextPath }]),
  ];
  const feed = {
    '@xmlns': atomNamespace,
    id: baseUrl,
    link: links,
    entry: entries.map((entry) => toEntry(baseUrl, entry)),
  };
  return builder.build({ feed });
}

export function writeError(code: number, detail: string): string {
  return builder.build({ Error: { Code: code, Detail: detail } });
}

function toEntry(baseUrl: string, { path, kind, description }: AtomEntry): Xml {
  const content = {
    '@type': 'application/xml',
    [kind]: { '@xmlns': serviceNamespace, '@xmlns:i': instanceNamespace, ...description },
  };
  return { '@xmlns': atomNamespace, id: `${baseUrl}/${path}`, title: path, content };
}
