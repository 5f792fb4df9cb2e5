import PgBoss from 'pg-boss';

export const eventQueue = 'events';

export interface EventJob {
  readonly text: string;
}

export interface ConsumerJob {
  readonly eventId: string;
}

/** How pg-boss is used. */
export interface BossSettings {
  readonly connectionString: string;
  /** Jobs fetched at a time in a loop of `fetch` and `complete`; undefined uses `work` as it comes: one job every 2 s. */
  readonly batchSize: number | undefined;
  /** Loops per queue. */
  readonly lanes: number;
}

export const toQueue = (consumer: string): string => consumer.replaceAll('.', '-');

export async function startBoss({ connectionString }: BossSettings): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString, schedule: false });
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
  return boss.start();
}

/** Jobs of a queue, as one handler takes them. */
export type TakeJobs<T> = (jobs: readonly PgBoss.Job<T>[]) => Promise<void>;

/** Take the jobs of a queue until told to stop. */
export async function takeJobs<T = ConsumerJob>(
  boss: PgBoss,
  queue: string,
  { batchSize, lanes }: BossSettings,
  take: TakeJobs<T>,
): Promise<() => Promise<void>> {
  if (batchSize === undefined) {
    await boss.work<T>(queue, take);
    return () => boss.offWork(queue);
  }
  let stopped = false;
  const loops = Array.from({ length: lanes }, () => fetchJobs(boss, queue, { batchSize, isOver: () => stopped }, take));
  return async () => {
    stopped = true;
    await Promise.all(loops);
  };
}

/** The least that pg-boss's own polling allows between two looks at an empty queue is 500 ms; a loop may look sooner. */
const idleMs = 5;

async function fetchJobs<T>(
  boss: PgBoss,
  queue: string,
  { batchSize, isOver }: { batchSize: number; isOver: () => boolean },
  take: TakeJobs<T>,
): Promise<void> {
  while (!isOver()) {
    const jobs = await boss.fetch<T>(queue, { batchSize });
    if (jobs.length === 0) await new Promise((resolve) => setTimeout(resolve, idleMs));
    else {
      await take(jobs);
      await boss.complete(
        queue,
        jobs.map(({ id }) => id),
      );
    }
  }
}
