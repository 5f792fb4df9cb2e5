import { existsSync } from 'node:fs';
import boundaries from 'eslint-plugin-boundaries';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

/** Which folder may import which: contracts <- domain <- ports <- pipeline <- functions; adapters from the side. */
const layers = {
  contracts: [],
  config: ['contracts'],
  domain: ['contracts'],
  ports: ['contracts', 'domain'],
  pipeline: ['contracts', 'domain', 'ports'],
  adapters: ['contracts', 'domain', 'ports', 'config'],
  functions: ['contracts', 'domain', 'ports', 'pipeline', 'config', 'adapters'],
  local: [],
  cli: ['contracts', 'domain', 'ports', 'pipeline', 'config', 'adapters', 'local'],
};

const comparison = '(?:PartitionKey|RowKey|Timestamp).{0,3} (?:eq|ne|gt|ge|lt|le) ';
const filterMessage = 'Build OData filters with the odata tag alone: it quotes what is put in.';

/** A filter put together from texts lets a value end the quotes; only `odata` quotes. */
const noBuiltFilters = [
  ":matches(Property[key.name='filter'], VariableDeclarator[id.name=/filter/i]) > :matches(TemplateLiteral, BinaryExpression)",
  `:not(TaggedTemplateExpression) > TemplateLiteral > TemplateElement[value.raw=/${comparison}/]`,
  `BinaryExpression[operator='+'] > Literal[value=/${comparison}/]`,
].map((selector) => ({ selector, message: filterMessage }));

const elements = [
  ...['contracts', 'config', 'domain', 'ports', 'pipeline', 'adapters'].map((type) => ({
    type,
    pattern: `shared/${type}/**`,
    mode: 'full',
  })),
  ...['functions', 'local', 'cli', 'test', 'bench'].map((type) => ({ type, pattern: `${type}/**`, mode: 'full' })),
];

const rules = Object.entries(layers).map(([from, allowed]) => ({ from: [from], allow: [from, ...allowed] }));

/** The peers of the bench have packages of their own; without those nothing is known of their types. */
const withoutPeers = existsSync(new URL('bench/peers/node_modules', import.meta.url)) ? [] : ['bench/peers/**'];

export default tseslint.config(
  { ignores: ['dist/**', 'coverage/**', '.outport/**', 'infra/app/**', ...withoutPeers] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { boundaries, regexp },
    settings: {
      'boundaries/elements': elements,
      'import/resolver': { typescript: { alwaysTryTypes: true } },
    },
    rules: {
      'boundaries/element-types': [
        'error',
        { default: 'disallow', rules: [...rules, { from: ['test', 'bench'], allow: ['*'] }] },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      eqeqeq: 'error',
      // Text from outside meets most patterns: none may take more than linear time on any text.
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
    },
  },
  {
    files: ['shared/**/*.ts', 'functions/**/*.ts', 'cli/**/*.ts'],
    rules: { 'regexp/no-super-linear-move': ['error', { report: 'certain' }] },
  },
  {
    files: ['shared/adapters/**/*.ts', 'functions/**/*.ts', 'cli/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...noBuiltFilters] },
  },
  {
    files: ['test/**/*.ts', '*.config.ts'],
    rules: { 'max-lines-per-function': 'off', 'no-restricted-exports': 'off' },
  },
  {
    files: ['shared/domain/**/*.ts', 'shared/pipeline/**/*.ts', 'shared/contracts/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^@azure/', message: 'Only adapters and entry points know Azure.' }] },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
          message: 'Decisions take now as a parameter.',
        },
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Decisions take now as a parameter.',
        },
        {
          selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
          message: 'Decisions are deterministic.',
        },
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'Only functions/compose.ts and the CLI read the environment.',
        },
      ],
    },
  },
);
