import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutants } from './mutants/run-mutants.js';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

describe('the simulation', () => {
  let dir = '';
  beforeAll(async () => {
    await mkdir(join(root, '.outport'), { recursive: true });
    dir = await mkdtemp(join(root, '.outport', 'test-simulation-'));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    await run(process.execPath, [tsc, '-p', 'test/simulation/tsconfig.build.json', '--outDir', dir], { cwd: root });
  }, 300_000);
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('has at least forty ways to break our own code, each with a name of its own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(40);
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  });

  it('catches our code broken in each of these ways', async () => {
    const ran = run(process.execPath, [join(dir, 'test/simulation/main.js'), '--mutants'], { cwd: root });
    const { stdout } = await ran.catch((error: { stdout?: string; stderr?: string }) => ({
      stdout: `${error.stdout ?? ''}${error.stderr ?? ''}`,
    }));

    expect(stdout).not.toContain('SURVIVED');
    expect(stdout).toContain(`${mutants.length} of ${mutants.length} mutants caught`);
  }, 900_000);
});
