import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stageApp } from '../../cli/deploy/stage-app.js';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
const left = new Set(['.git', '.outport', 'coverage', 'dist', 'node_modules']);

let project: string;
let deployed: string;
let shipped: string[];
let staged: string[];

/**
 * The project as a developer has it after a build; what `.funcignore` lets through of it (`func azure functionapp publish`
 * from the root); the app as `azd` stages it, installed with production dependencies only.
 */
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'outport-project-'));
  deployed = await mkdtemp(join(tmpdir(), 'outport-deployed-'));
  await cp(root, project, { recursive: true, filter: (source) => !left.has(relative(root, source)) });
  await writeFile(join(project, 'local.settings.json'), '{}');
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noCheck', '--outDir', join(project, 'dist')], {
    cwd: root,
  });
  // Deployment tools read .funcignore as git reads its own ignore files.
  await run('git', ['init', '--quiet'], { cwd: project });
  const listed = await run('git', ['ls-files', '--others', '--exclude-from=.funcignore'], { cwd: project });
  shipped = listed.stdout.trim().split('\n');
  await stageApp(project, deployed);
  staged = await filesOf(deployed);
  await run('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund'], { cwd: deployed });
}, 300_000);

afterAll(async () => {
  await rm(project, { recursive: true, force: true });
  await rm(deployed, { recursive: true, force: true });
});

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

const partsOf = (files: readonly string[], depth: number): string[] =>
  [...new Set(files.map((file) => file.split('/').slice(0, depth).join('/')))].sort();

async function loadAsWorker(): Promise<{ functions: { name: string; trigger: string }[]; packages: string[] }> {
  const script = join(import.meta.dirname, '..', 'fixtures', 'load-as-worker.js');
  const { stdout } = await run(process.execPath, [script, deployed], { cwd: deployed });
  return JSON.parse(stdout) as Awaited<ReturnType<typeof loadAsWorker>>; // The script's own answer.
}

describe('a deployment', { timeout: 60_000 }, () => {
  it('carries the built functions, host.json and the package files, and nothing else, whichever tool makes it', () => {
    expect(partsOf(shipped, 1)).toEqual(['LICENSE', 'dist', 'host.json', 'package-lock.json', 'package.json']);
    const built = shipped.filter((file) => file.startsWith('dist/'));
    expect(partsOf(built, 2)).toEqual(['dist/functions', 'dist/shared']);
    expect(staged.sort()).toEqual(shipped.filter((file) => file !== 'LICENSE').sort());
  });

  it('registers every function when the worker loads it with production dependencies only', async () => {
    const { functions } = await loadAsWorker();
    expect(functions).toEqual(
      expect.arrayContaining([
        { name: 'ingest', trigger: 'eventHubTrigger' },
        { name: 'normalize', trigger: 'serviceBusTrigger' },
        { name: 'evaluate', trigger: 'serviceBusTrigger' },
        { name: 'dispatch', trigger: 'serviceBusTrigger' },
        { name: 'sweep', trigger: 'timerTrigger' },
        { name: 'health', trigger: 'httpTrigger' },
      ]),
    );
    expect(new Set(functions.map(({ name }) => name)).size).toBe(functions.length);
  });

  it('registers without loading the Azure SDKs, which cost most of a cold start', async () => {
    const { packages } = await loadAsWorker();
    expect(packages.filter((name) => name.startsWith('@azure/'))).toEqual(['@azure/functions']);
  });

  it('has every package that any of its modules imports', async () => {
    const names = await readdir(join(deployed, 'dist'), { recursive: true });
    const modules = names.filter((name) => name.endsWith('.js')).map((name) => join(deployed, 'dist', name));
    const lines = modules.map((file) => `await import(${JSON.stringify(pathToFileURL(file).href)});`);
    const args = ['--input-type=module', '-e', `${lines.join('\n')}\nprocess.stdout.write('all');`];
    const { stdout } = await run(process.execPath, args, { cwd: deployed });
    expect(stdout).toBe('all');
  });
});
