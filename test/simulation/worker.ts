import { parentPort } from 'node:worker_threads';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type * as PlaySeeds from './play-seeds.js';

/** Work for one thread: seeds to play with the code compiled under `dir`. */
export interface Task {
  readonly dir: string;
  readonly first: number;
  readonly count: number;
  /** Stop at the first seed that fails. */
  readonly untilCaught: boolean;
}

// Thousands of expected errors are made and thrown away; nobody reads where.
Error.stackTraceLimit = 0;

parentPort?.on('message', (task: Task) => {
  void run(task).then((played) => parentPort?.postMessage(played));
});

async function run({ dir, first, count, untilCaught }: Task): Promise<PlaySeeds.PlayedSeeds> {
  const url = pathToFileURL(join(dir, 'test/simulation/play-seeds.js')).href;
  const { playSeeds } = (await import(url)) as typeof PlaySeeds; // compiled from the module the type comes from
  if (!untilCaught) return playSeeds(first, count);
  for (let seed = first; seed < first + count; seed += 1) {
    const played = await playSeeds(seed, 1);
    if (played.failed.length > 0) return played;
  }
  return playSeeds(first, 0);
}
