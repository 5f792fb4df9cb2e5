import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

/** What a run of the program left behind. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The package as it would be installed, built from the sources as they are now, in a folder of its own. */
export interface BuiltPackage {
  readonly dir: string;
  /** Run `outport` in `cwd` (default: the package) without the caller's connection settings. */
  outport(
    args: readonly string[],
    options?: { cwd?: string; env?: Record<string, string>; stdin?: string },
  ): Promise<Ran>;
  remove(): Promise<void>;
}

/** Build the package under `.outport`, from where it finds the installed modules. */
export async function buildPackage(): Promise<BuiltPackage> {
  await mkdir(join(root, '.outport'), { recursive: true });
  const dir = await mkdtemp(join(root, '.outport', 'test-package-'));
  for (const name of ['package.json', 'host.json', 'examples']) {
    await cp(join(root, name), join(dir, name), { recursive: true });
  }
  // Types are checked by `npm run types`; here only the emitted files matter.
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', join(dir, 'dist')];
  await run(process.execPath, [tsc, ...args], { cwd: root });
  return {
    dir,
    outport: (args, { cwd = dir, env = {}, stdin } = {}) => {
      const environment = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env };
      return start(join(dir, 'dist/cli/main.js'), args, {
        cwd,
        env: environment,
        ...(stdin !== undefined && { stdin }),
      });
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

function start(
  script: string,
  args: readonly string[],
  { stdin, ...options }: { cwd: string; env: Record<string, string>; stdin?: string },
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.end(stdin ?? '');
  });
}
