import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..', '..');
/** Sections about the broker; each of their lines that says "supported" must name its tests. */
const strictSections = ['AMQP', 'Service Bus', 'Event Hubs', 'Management', 'Journal'];

interface Line {
  readonly section: string;
  readonly behaviour: string;
  readonly state: string;
}

interface Reference {
  readonly file: string;
  /** Absent when the line names a file as a whole. */
  readonly title: string | undefined;
}

/** Where the tests named without a folder are. */
const folders: Readonly<Record<string, readonly string[]>> = {
  'Functions host': ['test/protocol/functions-host', 'test/unit/host'],
};
const defaultFolders = ['test/protocol'];

function readLines(): Line[] {
  let section = '';
  const lines: Line[] = [];
  for (const text of readFileSync(path.join(root, 'local', 'FIDELITY.md'), 'utf8').split('\n')) {
    section = /^## (.+)$/.exec(text)?.[1] ?? section;
    const [before, behaviour, state] = text.split('|').map((cell) => cell.trim());
    if (before !== '' || !behaviour || !state || /^-+$/.test(state) || state === 'state') continue;
    lines.push({ section, behaviour, state });
  }
  return lines;
}

/** `file` › title; further titles of the same file follow a semicolon, or a comma where `...` ends the one before. */
function toReferences(state: string): Reference[] {
  const listed = /\(([^]*)\)/.exec(state)?.[1] ?? '';
  const references: Reference[] = [];
  for (const item of listed.split(/;|, (?=`)|(?<=\.\.\.), /)) {
    const [named = '', title = named.startsWith('`') ? undefined : named] = item.trim().split(' › ');
    const file = named.startsWith('`') ? named.replaceAll('`', '') : references.at(-1)?.file;
    if (file !== undefined) references.push({ file, title });
  }
  return references;
}

function findPath(section: string, file: string): string | undefined {
  const places = file.startsWith('test/') ? [''] : (folders[section] ?? defaultFolders);
  return places.map((folder) => path.join(root, folder, `${file}.test.ts`)).find((each) => existsSync(each));
}

/** Titles of the tests in a file that run: `it('...')` and `it.each(...)('...')`, not those skipped. */
function readTitles(file: string): string[] {
  const titles: string[] = [];
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTest(node.expression)) {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title)) titles.push(title.text);
    }
    node.forEachChild(visit);
  };
  visit(source);
  return titles;
}

function isTest(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === 'it';
  if (ts.isCallExpression(callee)) return ts.isPropertyAccessExpression(callee.expression) && isEach(callee.expression);
  return false;
}

function isEach({ name, expression }: ts.PropertyAccessExpression): boolean {
  return name.text === 'each' && ts.isIdentifier(expression) && expression.text === 'it';
}

function matches(wanted: string, title: string): boolean {
  const parts = wanted.split('...').map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(title);
}

function findProblems({ section, state }: Pick<Line, 'section' | 'state'>): string[] {
  return toReferences(state).flatMap(({ file, title }) => {
    const found = findPath(section, file);
    if (found === undefined) return [`${file} is no test file`];
    const exists = title === undefined || readTitles(found).some((each) => matches(title, each));
    return exists ? [] : [`${file} has no test '${title}'`];
  });
}

const lines = readLines();
const supported = lines.filter(({ section, state }) => strictSections.includes(section) && /^supported\b/.test(state));

describe('FIDELITY.md', () => {
  it('is read: every section has lines', () => {
    for (const section of strictSections) {
      expect(lines.filter((line) => line.section === section).length).toBeGreaterThan(4);
    }
    expect(supported.length).toBeGreaterThan(30);
  });

  it.each(supported)('names a test for "$behaviour"', ({ state }) => {
    expect(toReferences(state).filter(({ title }) => title !== undefined)).not.toEqual([]);
  });

  it.each(lines.filter(({ state }) => state.includes('›')))('names tests that exist for "$behaviour"', (line) => {
    expect(findProblems(line)).toEqual([]);
  });

  it.each([
    ['supported (`service-bus` › complete a message: it is gone; peek without locking)', 0],
    ['supported (`service-bus` › complete a ..., peek ..., `event-hubs`)', 0],
    ['supported (`service-bus` › complete a message)', 1],
    ['supported (`service-bus` › peek ..., seek ...)', 1],
    ['supported (`no-such-file`)', 1],
  ])('would not be taken in: %s has %i problems', (state, problems) => {
    expect(findProblems({ section: 'AMQP', state })).toHaveLength(problems);
  });

  it.each([
    ['a title', true],
    ['a ...', true],
    ['... title', true],
    ['another title', false],
    ['a', false],
  ])('would see through the reference %j', (wanted, exists) => {
    expect(matches(wanted, 'a title')).toBe(exists);
  });
});
