import { describe, expect, it } from 'vitest';
import {
  compileSqlAction,
  compileSqlFilter,
  FilterSyntaxError,
  type FilterMessage,
} from '../../../local/broker/filters/sql.js';

const message: FilterMessage = {
  system: { subject: 'red', messageId: 'm1' },
  properties: new Map<string, unknown>([
    ['n', 5],
    ['text', "it's 100% _x"],
    ['flag', true],
    ['two words', 1],
  ]),
};

const cases: [string, boolean][] = [
  ['n = 5', true],
  ['n <> 5', false],
  ['n != 4 AND n >= 5 AND n <= 5 AND n < 6 AND n > 4', true],
  ['n = 5 OR missing = 1 AND n = 4', true],
  ['(n = 5 OR n = 4) AND n = 4', false],
  ['NOT n = 4', true],
  ['missing = 1', false],
  ['NOT missing = 1', false],
  ['missing = 1 OR n = 5', true],
  ['missing IS NULL AND n IS NOT NULL', true],
  ['EXISTS(n) AND NOT EXISTS(missing)', true],
  ["n IN (1, 2, 5) AND sys.Label IN ('red')", true],
  ['n NOT IN (1, 2)', true],
  ["text LIKE 'it''s%'", true],
  ["text LIKE '%100!% !_x' ESCAPE '!'", true],
  ["text NOT LIKE '%y%'", true],
  ['n + 1 * 2 = 7 AND (n + 1) * 2 = 12 AND n / 2 = 2.5 AND n % 2 = 1 AND -n < 0', true],
  ["user.n = 5 AND sys.MessageId = 'm1' AND [two words] = 1", true],
  ['flag = TRUE AND flag', true],
  ["n = '5'", false],
  ['1=1', true],
  ['missing = NULL', false],
  ["text LIKE '%%%'", true],
  ["text LIKE ''", false],
  ["text LIKE '_t''s 100!%%' ESCAPE '!'", true],
  [`${'('.repeat(100)}n = 5${')'.repeat(100)}`, true],
  [`${'NOT '.repeat(200)}n = 5`, true],
  [`n = 5${' AND n = 5'.repeat(100)}`, true],
];

describe('SQL filters', () => {
  it.each(cases)('%s is %s', (expression, expected) => {
    expect(compileSqlFilter(expression)(message)).toBe(expected);
  });

  it.each([
    ['n =', 3],
    ['n = 5 AND', 9],
    ["text = 'open", 12],
    ['SELECT 1', 7],
    ['', 0],
    [')(', 0],
    ['n = 1\n  AND n = = 2', 16],
  ])('refuse %j, saying where', (expression, offset) => {
    expect(() => compileSqlFilter(expression)).toThrow(expect.objectContaining({ name: 'FilterSyntaxError', offset }));
  });

  it('name line and column of a problem', () => {
    expect(() => compileSqlFilter('n = 1\n  AND n = = 2')).toThrow(/^line 2, column 11: Expected .* but "=" found/);
  });

  it('refuse more text than the service takes, before reading it', () => {
    expect(() => compileSqlFilter(`n = ${'1'.repeat(1_024)}`)).toThrow(/1024/);
    expect(() => compileSqlFilter('('.repeat(10_000_000))).toThrow(FilterSyntaxError);
  });

  it.each(['(', '(n = 1 AND (', 'n IN ((', 'NOT (', '-('])('refuse %j without end, saying where', (opening) => {
    const text = opening.repeat(1_024).slice(0, 1_024);

    expect(() => compileSqlFilter(text)).toThrow(FilterSyntaxError);
  });

  it('read every expression once, however deep it is nested', () => {
    let reads = 0;
    const properties = { get: () => (reads += 1) } as unknown as ReadonlyMap<string, unknown>; // counts look-ups only
    const nested = `${'('.repeat(100)}n${' + 1)'.repeat(100)} > 0`;

    expect(compileSqlFilter(nested)({ system: {}, properties })).toBe(true);
    expect(reads).toBe(1);
  });

  it('do not slow down on a pattern made of wildcards', () => {
    const hostile: FilterMessage = { system: {}, properties: new Map([['a', 'x'.repeat(100_000)]]) };

    expect(compileSqlFilter(`a LIKE '${'%x'.repeat(100)}y'`)(hostile)).toBe(false);
  });

  it('run actions in order, each seeing the ones before it', () => {
    const act = compileSqlAction("SET a = n + 1; SET b = a * 2; REMOVE flag; SET c = 'x' SET d = c + c; SET e = flag");

    expect(act(message)).toEqual({
      system: {},
      properties: { a: 6, b: 12, flag: undefined, c: 'x', d: 'xx', e: undefined },
    });
  });

  it('set and remove system properties', () => {
    const act = compileSqlAction(
      "SET sys.Label = sys.Label + '!'; SET sys.ReplyTo = n; REMOVE sys.To; SET a = sys.label",
    );

    expect(act(message)).toEqual({
      system: { subject: 'red!', replyTo: '5', to: undefined },
      properties: { a: 'red!' },
    });
  });

  it.each(['SET sys.MessageId = 1', 'SET sys.Nothing = 1'])('refuse %j: it cannot be changed', (action) => {
    expect(() => compileSqlAction(action)).toThrow(/line 1, column 1: sys\.\w+ cannot be changed/);
  });
});
