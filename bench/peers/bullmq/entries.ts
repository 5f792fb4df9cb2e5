import { fileURLToPath } from 'node:url';
import { Queue, Worker } from 'bullmq';
import type { Contender, Entry } from '../../fan-out/contender.js';
import { fanOutConsumers } from '../../workload.js';
import { startApp } from '../server.js';
import { type BullSettings, type ConsumerJob, eventQueue, toQueue } from './queues.js';
import { redisMissing, startRedis } from './redis.js';

const system = 'BullMQ';
const everySecond = ['--appendonly', 'yes', '--appendfsync', 'everysec'];
const always = ['--appendonly', 'yes', '--appendfsync', 'always'];

export const bullEntries: readonly Entry[] = [
  {
    system,
    settings: 'default',
    durability: 'snapshot of Redis after a minute or more; up to that much is lost',
    flooded: 1_000,
    missing: redisMissing,
    start: (note) => start({ redis: [], perSend: 1, concurrency: 1 }, note),
  },
  {
    system,
    settings: 'tuned',
    durability: 'append-only file, fsync every second',
    flooded: 5_000,
    missing: redisMissing,
    start: (note) => start({ redis: everySecond, perSend: 200, concurrency: 100 }, note),
  },
  {
    system,
    settings: 'tuned',
    durability: 'append-only file, fsync at every write',
    flooded: 5_000,
    missing: redisMissing,
    start: (note) => start({ redis: always, perSend: 200, concurrency: 100 }, note),
  },
];

interface Tuning {
  readonly redis: readonly string[];
  /** Events in one bulk of a producer. */
  readonly perSend: number;
  readonly concurrency: number;
}

async function start(
  { redis, perSend, concurrency }: Tuning,
  note: (consumer: string, eventId: string) => void,
): Promise<Contender> {
  const server = await startRedis(redis);
  const settings: BullSettings = { port: server.port, concurrency };
  const connection = { host: '127.0.0.1', port: server.port, maxRetriesPerRequest: null };
  const queue = new Queue(eventQueue, { connection });
  const app = await startApp(fileURLToPath(new URL('app.js', import.meta.url)), settings);
  const workers = fanOutConsumers.map((consumer) => {
    const receive = async ({ data }: { data: ConsumerJob }): Promise<void> => note(consumer, data.eventId);
    return new Worker<ConsumerJob>(toQueue(consumer), receive, { connection, concurrency });
  });
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  return {
    send: (bodies) => send(queue, bodies, perSend),
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
      await app.stop();
      await queue.close();
      await server.stop();
    },
  };
}

async function send(queue: Queue, bodies: readonly Buffer[], perSend: number): Promise<void> {
  for (let from = 0; from < bodies.length; from += perSend) {
    const jobs = bodies.slice(from, from + perSend).map((body) => ({ name: 'event', data: { text: body.toString() } }));
    const [only] = jobs;
    if (perSend === 1 && only) await queue.add(only.name, only.data);
    else await queue.addBulk(jobs);
  }
}
