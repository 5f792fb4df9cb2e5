import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type Section, toSpread } from '../report/finding.js';
import { startPlatform } from '../stack/platform.js';
import { readUsage, roles } from '../stack/processes.js';

const run = promisify(execFile);
const functionsMain = pathToFileURL(join(import.meta.dirname, '..', '..', 'functions', 'main.js')).href;
/** Long enough for start-up garbage to go and every periodic task to have run. */
const settleMs = 20_000;
const bytesPerMb = 1_000_000;

/** How long the functions take from import to registered, and what an idle stack keeps in memory. */
export async function benchStart({ rounds }: { rounds: number }): Promise<Section> {
  const imports: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    bare.push(await importMs('node:fs'));
    imports.push(await importMs(functionsMain));
  }
  const idle = await measureIdle();
  return {
    title: 'start and memory',
    about: 'a fresh process imports functions/main.js until everything is registered; then a whole stack left idle',
    findings: [
      { what: 'import to registered', unit: 'ms', value: toSpread(imports), budget: { atMost: 500 } },
      { what: 'the same for a module of Node itself', unit: 'ms', value: toSpread(bare) },
      { what: 'memory, whole stack idle', unit: 'MB', value: toSpread([sum(idle)]), budget: { atMost: 400 } },
      ...roles.map((role, index) => ({
        what: role,
        unit: 'MB' as const,
        value: toSpread([idle[index] ?? Number.NaN]),
      })),
    ],
  };
}

async function importMs(url: string): Promise<number> {
  const script = `const from = performance.now(); await import(${JSON.stringify(url)});
    process.stdout.write('\\n' + (performance.now() - from)); process.exit(0);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
  return Number(stdout.split('\n').at(-1));
}

/** Resident memory by role, in MB. */
async function measureIdle(): Promise<number[]> {
  const platform = await startPlatform();
  try {
    const host = await platform.startApp(platform.routes.outport);
    await sleep(settleMs);
    const usage = readUsage();
    await host.down();
    return roles.map((role) => (usage?.[role]?.residentBytes ?? Number.NaN) / bytesPerMb);
  } finally {
    await platform.stop();
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
