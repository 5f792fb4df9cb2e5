import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { Entry } from '../fan-out/contender.js';
import { measureEntry } from '../fan-out/measure.js';
import { outportEntries } from '../fan-out/outport.js';
import { type EntryRounds, toFanOutSection } from '../fan-out/section.js';
import { toTable } from '../report/print.js';
import { bullEntries } from './bullmq/entries.js';
import { pgBossEntries } from './pg-boss/entries.js';
import { restateEntries } from './restate/entries.js';

const entries: readonly Entry[] = [...outportEntries, ...restateEntries, ...pgBossEntries, ...bullEntries];

const usage = `npm run bench:peers -- [systems...] [--rounds n] [--json file]
systems: ${[...new Set(entries.map(({ system }) => system.toLowerCase()))].join(', ')} (default: all)`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '3' },
      json: { type: 'string', default: '.outport/bench-peers.json' },
    },
  });
  const rounds = Number(values.rounds);
  const named = entries.filter(({ system }) => positionals.length === 0 || positionals.includes(system.toLowerCase()));
  if (named.length === 0 || !Number.isInteger(rounds) || rounds < 1) throw new Error(usage);
  const measured = named.filter(isHere).map((entry): EntryRounds => ({ entry, rounds: [] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const one of measured) one.rounds.push(await measureEntry(one.entry));
  }
  const section = toFanOutSection(measured);
  process.stdout.write(`${toTable(section)}\n\n${toDurabilities(measured)}\n`);
  await mkdir(dirname(values.json), { recursive: true });
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? '', cores: cpus().length };
  const skipped = named
    .filter(({ missing }) => missing() !== undefined)
    .map(({ system, settings }) => `${system}, ${settings}`);
  await writeFile(
    values.json,
    `${JSON.stringify({ ranAt: new Date().toISOString(), machine, section, skipped }, null, 2)}\n`,
  );
  process.stdout.write(`all numbers are in ${values.json}\n`);
}

function isHere({ system, settings, missing }: Entry): boolean {
  const reason = missing();
  if (reason !== undefined) process.stdout.write(`skipped: ${system}, ${settings}: ${reason}\n`);
  return reason === undefined;
}

function toDurabilities(measured: readonly EntryRounds[]): string {
  return measured.map(({ entry }) => `  ${entry.system}, ${entry.settings}: ${entry.durability}`).join('\n');
}

await main();
