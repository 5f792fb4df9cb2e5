import {
  type Document,
  isAlias,
  isScalar,
  LineCounter,
  Lexer,
  parseAllDocuments,
  Parser,
  visit,
  type YAMLError,
} from 'yaml';
import type { SourceDocument } from '../../shared/domain/registry/registry-problem.js';

/** Something wrong with a file before any schema looks at it. */
export interface FileFault {
  readonly line?: number;
  readonly message: string;
  readonly fix: string;
}

export type ParsedFile =
  | { readonly ok: true; readonly documents: readonly SourceDocument[] }
  | { readonly ok: false; readonly faults: readonly FileFault[] };

/** Deepest nesting, counted in the parser's own stack entries (two or three per level of the file). */
const parserDepth = 96;
/** Most items of one mapping or list: looking for members written twice takes the square of it. */
const itemsPerNode = 5_000;
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Parse a YAML 1.2 (or JSON) text into its documents, without the parts of YAML that surprise: no aliases, no merge
 * keys, no tags, no duplicate keys, string keys only. Times stay text. Line numbers count from 1.
 */
export function parseYamlDocuments(file: string, text: string): ParsedFile {
  const lineCounter = new LineCounter();
  const excess = findExcess(text);
  if (excess !== undefined) {
    const line = text.slice(0, excess.offset).split('\n').length;
    return { ok: false, faults: [{ line, message: excess.message, fix: excess.fix }] };
  }
  const documents = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: true,
    stringKeys: true,
    strict: true,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter,
  });
  const lineAt = (offset: number): number => lineCounter.linePos(offset).line;
  const list: readonly Document[] = Array.isArray(documents) ? documents : [];
  const faults = list.flatMap((document) => [...document.errors, ...document.warnings].map((e) => toFault(e, lineAt)));
  if (faults.length === 0) faults.push(...list.flatMap((document) => findForbidden(document, lineAt)));
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, documents: list.filter(hasContent).map((document) => toSource(file, document, lineAt)) };
}

/**
 * Where nesting or width passes its limit. Feeds the parser piece by piece, so its depth never becomes call depth, and
 * stops there: what lies behind is not looked at.
 */
function findExcess(text: string): (FileFault & { readonly offset: number }) | undefined {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _token of parser.next(lexeme)) void _token;
    const { offset, stack } = parser;
    if (stack.length > parserDepth) {
      return { offset, message: 'is nested too deeply', fix: 'registry entries are flat; unfold it' };
    }
    const top = stack.at(-1);
    if (top !== undefined && 'items' in top && top.items.length > itemsPerNode) {
      return { offset, message: `holds more than ${itemsPerNode} items in one place`, fix: 'split it up' };
    }
  }
  return undefined;
}

function toFault(error: YAMLError, lineAt: (offset: number) => number): FileFault {
  const line = lineAt(error.pos[0]);
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return { line, message: 'the same member is written twice', fix: 'keep one of them' };
    case 'TAG_RESOLVE_FAILED':
      return { line, message: 'tags ("!...") are not supported', fix: 'write the plain value' };
    case 'NON_STRING_KEY':
      return { line, message: 'member names must be text', fix: 'put the name in quotes' };
    default:
      return { line, message: `not valid YAML: ${error.message.split('\n', 1)[0]}`, fix: 'correct the syntax' };
  }
}

function findForbidden(document: Document, lineAt: (offset: number) => number): FileFault[] {
  const faults: FileFault[] = [];
  visit(document, (key, node) => {
    if (isAlias(node)) {
      const line = lineAt(node.range?.[0] ?? 0);
      faults.push({ line, message: `aliases ("*${node.source}") are not supported`, fix: 'write the value out' });
    } else if (isScalar(node) && typeof node.value === 'number' && !Number.isFinite(node.value)) {
      const line = lineAt(node.range?.[0] ?? 0);
      faults.push({ line, message: 'is a number JSON does not know', fix: 'write a finite number, or text in quotes' });
    } else if (key === 'key' && isScalar(node) && forbiddenKeys.has(String(node.value))) {
      const line = lineAt(node.range?.[0] ?? 0);
      faults.push({ line, message: `member name "${String(node.value)}" is not allowed`, fix: 'rename it' });
    }
  });
  return faults;
}

function hasContent(document: Document): boolean {
  return document.contents !== null && !(isScalar(document.contents) && document.contents.value === null);
}

function toSource(file: string, document: Document, lineAt: (offset: number) => number): SourceDocument {
  const offsetOf = (path: readonly (string | number)[]): number | undefined => {
    const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
    if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
    return typeof node.range[0] === 'number' ? node.range[0] : undefined;
  };
  return {
    file,
    value: document.toJS({ maxAliasCount: 0 }),
    lineOf(path) {
      for (let length = path.length; length >= 0; length -= 1) {
        const offset = offsetOf(path.slice(0, length));
        if (offset !== undefined) return lineAt(offset);
      }
      return undefined;
    },
  };
}
