import { Bench } from 'tinybench';

/** What is measured, each call doing the same amount of work as the others. */
export type Tasks<K extends string> = Readonly<Record<K, () => unknown>>;

/** Median time of one call of each task, in milliseconds. */
export type Round<K extends string> = Readonly<Record<K, number>>;

/** Measure the tasks in turn, several times over: what disturbs the machine for a while disturbs all of them. */
export async function measureRounds<K extends string>(
  tasks: Tasks<K>,
  { rounds, roundMs }: { rounds: number; roundMs: number },
): Promise<Round<K>[]> {
  const results: Round<K>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const bench = new Bench({ time: roundMs, warmupTime: roundMs / 2, throws: true });
    for (const name of namesOf(tasks)) bench.add(name, tasks[name]);
    await bench.run();
    // One task per name was added, so the entries are the record.
    results.push(Object.fromEntries(bench.tasks.map(toTiming)) as Round<K>);
  }
  return results;
}

function toTiming({ name, result }: Bench['tasks'][number]): [string, number] {
  if (result.state !== 'completed') throw new Error(`measuring "${name}" ended as ${result.state}`);
  return [name, result.latency.p50];
}

/** The keys of a record literal are exactly its names. */
function namesOf<K extends string>(tasks: Tasks<K>): K[] {
  return Object.keys(tasks) as K[];
}
