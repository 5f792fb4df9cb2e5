import { fileURLToPath } from 'node:url';
import type PgBoss from 'pg-boss';
import type { Contender, Entry } from '../../fan-out/contender.js';
import { fanOutConsumers } from '../../workload.js';
import { inParallel } from '../decode.js';
import { startApp } from '../server.js';
import { postgresMissing, startPostgres } from './postgres.js';
import { type BossSettings, type EventJob, eventQueue, startBoss, takeJobs, toQueue } from './queues.js';

const system = 'pg-boss';
const durability = 'fsync of PostgreSQL at every commit';

export const pgBossEntries: readonly Entry[] = [
  {
    system,
    settings: 'default',
    durability,
    flooded: 10,
    missing: postgresMissing,
    start: (note) => start({ postgres: [], perSend: 1, batchSize: undefined, lanes: 1 }, note),
  },
  {
    system,
    settings: 'tuned',
    durability: `${durability}, commits gathered for 0.1 ms`,
    flooded: 5_000,
    missing: postgresMissing,
    start: (note) =>
      start(
        {
          postgres: ['shared_buffers=512MB', 'commit_delay=100', 'max_wal_size=4GB'],
          perSend: 500,
          batchSize: 500,
          lanes: 2,
        },
        note,
      ),
  },
];

interface Tuning extends Omit<BossSettings, 'connectionString'> {
  readonly postgres: readonly string[];
  /** Events in one insert of a producer. */
  readonly perSend: number;
}

async function start(
  { postgres, perSend, ...rest }: Tuning,
  note: (consumer: string, eventId: string) => void,
): Promise<Contender> {
  const server = await startPostgres(postgres);
  const settings: BossSettings = { ...rest, connectionString: server.connectionString };
  const boss = await startBoss(settings);
  for (const queue of [eventQueue, ...fanOutConsumers.map(toQueue)]) await boss.createQueue(queue);
  const app = await startApp(fileURLToPath(new URL('app.js', import.meta.url)), settings);
  const stops = await Promise.all(
    fanOutConsumers.map((consumer) =>
      takeJobs(boss, toQueue(consumer), settings, async (jobs) => {
        for (const { data } of jobs) note(consumer, data.eventId);
      }),
    ),
  );
  return {
    send: (bodies) => send(boss, bodies, perSend),
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
      await app.stop();
      await boss.stop({ graceful: false, wait: true });
      await server.stop();
    },
  };
}

async function send(boss: PgBoss, bodies: readonly Buffer[], perSend: number): Promise<void> {
  if (perSend === 1)
    return inParallel(bodies, 1, (body) => boss.send(eventQueue, { text: body.toString() } satisfies EventJob));
  for (let from = 0; from < bodies.length; from += perSend) {
    const part = bodies.slice(from, from + perSend);
    await boss.insert(part.map((body) => ({ name: eventQueue, data: { text: body.toString() } satisfies EventJob })));
  }
}
