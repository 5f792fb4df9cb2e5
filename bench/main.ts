import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { benchCalls } from './calls/calls.js';
import { benchBroker } from './broker/broker.js';
import { benchDeciding } from './deciding/deciding.js';
import { benchGrowth } from './growth/growth.js';
import { benchRegistry } from './registry/registry.js';
import { benchReplay } from './replay/replay.js';
import { benchStart } from './start/start.js';
import { benchStack } from './stack/stack.js';
import { isMet, type Section } from './report/finding.js';
import { toTable } from './report/print.js';

/** How often to measure, and how many signals to store at most before the live rate is measured again. */
type Bench = (options: { rounds: number; stored: number }) => Promise<Section>;

/** Every bench by name, in the order they run. */
const benches: Readonly<Record<string, Bench>> = {
  deciding: benchDeciding,
  calls: benchCalls,
  registry: benchRegistry,
  start: benchStart,
  broker: benchBroker,
  stack: benchStack,
  replay: benchReplay,
  growth: benchGrowth,
};

const usage = `npm run bench -- [names...] [--rounds n] [--stored n] [--json file]
names: ${Object.keys(benches).join(', ')} (default: all)`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      stored: { type: 'string', default: '100000' },
      json: { type: 'string', default: '.outport/bench.json' },
    },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(benches);
  const [rounds, stored] = [Number(values.rounds), Number(values.stored)];
  const unknown = names.find((name) => !Object.hasOwn(benches, name));
  if (unknown !== undefined || ![rounds, stored].every((count) => Number.isInteger(count) && count > 0))
    throw new Error(usage);
  const sections: Section[] = [];
  for (const name of names) {
    const section = await benches[name]?.({ rounds, stored });
    if (section === undefined) continue;
    sections.push(section);
    process.stdout.write(`${toTable(section)}\n\n`);
  }
  await writeReport(values.json, sections);
  const missed = sections.flatMap(({ findings }) => findings).filter((finding) => isMet(finding) === false);
  process.stdout.write(`${missed.length} budgets missed; all numbers are in ${values.json}\n`);
}

async function writeReport(file: string, sections: readonly Section[]): Promise<void> {
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? '', cores: cpus().length, memoryBytes: totalmem() };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify({ ranAt: new Date().toISOString(), machine, sections }, null, 2)}\n`);
}

await main();
