import { readFileSync } from 'node:fs';
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
  readonly title: string;
}

function readLines(): Line[] {
  let section = '';
  const lines: Line[] = [];
  for (const text of readFileSync(path.join(root, 'local', 'FIDELITY.md'), 'utf8').split('\n')) {
    section = /^## (.+)$/.exec(text)?.[1] ?? section;
    const [, behaviour, state] = /^\| (.+?) +\| (.+?) +\|$/.exec(text) ?? [];
    if (behaviour === undefined || state === undefined || /^-+$/.test(state) || state === 'state') continue;
    lines.push({ section, behaviour, state });
  }
  return lines;
}

/** `file` › title; further titles of the same file follow a semicolon. */
function toReferences(state: string): Reference[] {
  const listed = /\(([^]*)\)/.exec(state)?.[1] ?? '';
  const references: Reference[] = [];
  if (!listed.includes('›')) return references;
  for (const item of listed.split(';')) {
    const [, file, title] = /^\s*(?:`([^`]+)` › )?(.+?)\s*$/.exec(item) ?? [];
    const known = file ?? references.at(-1)?.file;
    if (known !== undefined && title !== undefined) references.push({ file: known, title });
  }
  return references;
}

function toPath(file: string): string {
  return path.join(root, file.startsWith('test/') ? '' : 'test/protocol', `${file}.test.ts`);
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

const titlesByFile = new Map<string, string[]>();
function findProblem({ file, title }: Reference): string[] {
  try {
    const titles = titlesByFile.get(file) ?? readTitles(toPath(file));
    titlesByFile.set(file, titles);
    return titles.some((each) => matches(title, each)) ? [] : [`${file} has no test '${title}'`];
  } catch {
    return [`${file} is no test file`];
  }
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
    expect(toReferences(state)).not.toEqual([]);
  });

  it.each(lines.filter(({ state }) => state.includes('›')))('names tests that exist for "$behaviour"', ({ state }) => {
    expect(toReferences(state).flatMap(findProblem)).toEqual([]);
  });

  it('would not be taken in by a test that is not there', () => {
    expect(findProblem({ file: 'service-bus', title: 'complete a message' })).toHaveLength(1);
    expect(findProblem({ file: 'service-bus', title: 'complete a message: it is gone' })).toEqual([]);
    expect(findProblem({ file: 'no-such-file', title: 'x' })).toEqual(['no-such-file is no test file']);
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
