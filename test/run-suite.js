// Runs one test file harder than `npm test` does: `node test/run-suite.js <file> [--runs N] [--seed N] [--cycles N]`.
// vitest takes no options of its own tests, so they travel as OUTPORT_TEST_<NAME>.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const option = { type: 'string' };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: option, seed: option, cycles: option },
});
const wrong = Object.entries(values).find(([, value]) => !/^\d+$/.test(value));
if (wrong) throw new Error(`--${wrong[0]} must be a whole number, not "${wrong[1]}"`);
const settings = Object.entries(values).map(([name, value]) => [`OUTPORT_TEST_${name.toUpperCase()}`, value]);
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', '--testTimeout', '86400000', ...positionals], {
  stdio: 'inherit',
  env: { ...process.env, ...Object.fromEntries(settings) },
});
process.exitCode = status ?? 1;
