import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runMutants } from './mutants/run-mutants.js';
import type { FailedSeed } from './play-seeds.js';
import { drawScenario } from './scenario/scenario.js';
import { shrink } from './shrink.js';
import { simulate } from './simulate.js';
import { addTally, createTally, listUnhit, listUnnamed } from './tally.js';
import { runTasks } from './thread-pool.js';
import type { Task } from './worker.js';

/** Compiled code of this repository: the folder that holds `test/simulation/main.js`. */
const compiledDir = join(import.meta.dirname, '..', '..');
const seedsPerTask = 50;
/** From so many runs on, a fault or crash point that none of them hit fails the whole. */
const enoughToHitAll = 20_000;

const help = `npm run simulate -- [--seeds N] [--seed S] [--threads T] [--mutants [--named TEXT]]

  --seeds N    play N seeds (default 2000; 1 when only --seed is given)
  --seed S     the first seed (default 0); alone: play it and print its trace
  --threads T  threads (default: one per core)
  --mutants    break our own code in every known way and show that each is caught
  --named TEXT with --mutants: only those with this text in their name
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    threads: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    named: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});
const threads = toNumber(values.threads, availableParallelism());
const first = toNumber(values.seed, 0);

if (values.help) process.stdout.write(help);
else if (values.mutants) {
  process.exitCode = (await runMutants({ compiledDir, threads, print, named: values.named })) ? 0 : 1;
} else if (values.seed !== undefined && values.seeds === undefined) process.exitCode = await playOne(first);
else process.exitCode = await playMany(first, toNumber(values.seeds, 2_000));

async function playMany(from: number, count: number): Promise<number> {
  const startedAt = performance.now();
  const tally = createTally();
  const failed: FailedSeed[] = [];
  await runTasks([...toTasks(from, count)], threads, (played) => {
    addTally(tally, played.tally);
    failed.push(...played.failed);
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  const struck = Object.values(tally.faults).reduce((sum, each) => sum + each, 0);
  const died = Object.values(tally.crashPoints).reduce((sum, each) => sum + each, 0);
  print(`${tally.runs} seeds from ${from} in ${seconds.toFixed(1)} s (${(tally.runs / seconds).toFixed(0)} runs/s)`);
  print(`${Object.keys(tally.faults).length} kinds of fault struck ${struck} times`);
  print(`${Object.keys(tally.crashPoints).length} crash points hit ${died} times`);
  const unhit = listUnhit(tally);
  const unnamed = listUnnamed(tally);
  for (const each of unhit) print(`never hit: ${each}`);
  for (const each of unnamed) print(`not in the list of calls of its use case (use-cases.ts): ${each}`);
  failed.sort((a, b) => a.seed - b.seed);
  print(failed.length === 0 ? 'every promise held' : `${failed.length} seeds broke a promise`);
  for (const { seed, violations } of failed.slice(0, 20))
    print(`seed ${seed}: ${violations[0]?.promise}: ${violations[0]?.text}`);
  const [worst] = failed;
  if (worst) await explain(worst);
  const blind = tally.runs >= enoughToHitAll && unhit.length > 0;
  return failed.length > 0 || blind || unnamed.length > 0 ? 1 : 0;
}

function* toTasks(from: number, count: number): Generator<Task> {
  for (let start = from; start < from + count; start += seedsPerTask) {
    const size = Math.min(seedsPerTask, from + count - start);
    yield { dir: compiledDir, first: start, count: size, untilCaught: false };
  }
}

async function playOne(seed: number): Promise<number> {
  const { trace, traceHash, violations } = await simulate(drawScenario(seed), { keepTrace: true });
  for (const line of trace) print(line);
  print(`trace ${traceHash}`);
  if (violations.length > 0) await explain({ seed, violations });
  return violations.length > 0 ? 1 : 0;
}

/** Print what a failing seed broke, the least that still breaks it, and what then happens step by step. */
async function explain({ seed, violations }: FailedSeed): Promise<void> {
  for (const { promise, text } of violations.slice(0, 10)) print(`seed ${seed}: ${promise}: ${text}`);
  const broken = violations[0]?.promise;
  if (broken === undefined) return;
  const smallest = await shrink(drawScenario(seed), broken, (scenario) => simulate(scenario));
  const { trace, violations: left } = await simulate(smallest, { keepTrace: true });
  print(`made smaller, seed ${seed} breaks ${broken} with:`);
  print(JSON.stringify(smallest, null, 1));
  for (const line of trace) print(line);
  for (const { promise, text } of left) print(`${promise}: ${text}`);
  print(`play it again: npm run simulate -- --seed ${seed}`);
}

function toNumber(text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`"${text}" is not a whole number`);
  return number;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
