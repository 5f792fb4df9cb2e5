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
];

describe('SQL filters', () => {
  it.each(cases)('%s is %s', (expression, expected) => {
    expect(compileSqlFilter(expression)(message)).toBe(expected);
  });

  it.each(['n =', 'n = 5 AND', "text = 'open", 'SELECT 1', '', ')('])('refuse %j, saying where', (expression) => {
    expect(() => compileSqlFilter(expression)).toThrow(FilterSyntaxError);
  });

  it('refuse more text than the service takes', () => {
    expect(() => compileSqlFilter(`n = ${'1'.repeat(1_024)}`)).toThrow(/1024/);
  });

  it('do not slow down on a pattern made of wildcards', () => {
    const hostile: FilterMessage = { system: {}, properties: new Map([['a', 'x'.repeat(200)]]) };

    expect(compileSqlFilter(`a LIKE '${'%x'.repeat(100)}y'`)(hostile)).toBe(false);
  });

  it('run actions in order on the application properties', () => {
    const act = compileSqlAction("SET a = n + 1; SET b = a * 2; REMOVE flag; SET c = 'x'");

    expect(Object.fromEntries(act(message))).toMatchObject({ a: 6, b: 12, c: 'x', n: 5 });
    expect(act(message).has('flag')).toBe(false);
  });
});
