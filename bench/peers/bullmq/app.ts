import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { fanOutConsumers } from '../../workload.js';
import { toRow } from '../decode.js';
import { readAppSettings, sayReady } from '../server.js';
import { type BullSettings, type ConsumerJob, type EventJob, eventQueue, toQueue } from './queues.js';

/**
 * Keeps one row per event, then adds a job per consumer. The jobs' ids are the event's and finished jobs are kept, so a
 * copy, or a repetition after a death in between, adds none.
 */
const { port, concurrency } = readAppSettings<BullSettings>();
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
const rows = new Redis(connection);
const queues = fanOutConsumers.map((consumer) => new Queue<ConsumerJob>(toQueue(consumer), { connection }));

async function record({ data }: { data: EventJob }): Promise<void> {
  const { eventId, json } = toRow(data.text);
  await rows.set(`event:${eventId}`, json, 'NX');
  await Promise.all(queues.map((queue) => queue.add('event', { eventId }, { jobId: eventId })));
}

const worker = new Worker<EventJob>(eventQueue, record, { connection, concurrency });
await worker.waitUntilReady();
sayReady();
