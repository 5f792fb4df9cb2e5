import pg from 'pg';
import { fanOutConsumers } from '../../workload.js';
import { toRow } from '../decode.js';
import { readAppSettings, sayReady } from '../server.js';
import {
  type BossSettings,
  type ConsumerJob,
  type EventJob,
  eventQueue,
  startBoss,
  takeJobs,
  toQueue,
} from './queues.js';

/** Keeps one row per event and makes a job per consumer in the same transaction; a copy's row exists already. */
const settings = readAppSettings<BossSettings>();
const pool = new pg.Pool({ connectionString: settings.connectionString });
await pool.query('create table if not exists event (id text primary key, json jsonb not null)');
const boss = await startBoss(settings);
await takeJobs<EventJob>(boss, eventQueue, settings, async (jobs) => record(jobs.map(({ data }) => data.text)));
sayReady();

async function record(texts: readonly string[]): Promise<void> {
  const rows = texts.map(toRow);
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows: added } = await client.query<{ id: string }>(
      'insert into event select * from unnest($1::text[], $2::jsonb[]) on conflict do nothing returning id',
      [rows.map(({ eventId }) => eventId), rows.map(({ json }) => json)],
    );
    const jobs = added.flatMap(({ id }) =>
      fanOutConsumers.map((consumer) => ({ name: toQueue(consumer), data: { eventId: id } satisfies ConsumerJob })),
    );
    const db = { executeSql: (text: string, values: unknown[]) => client.query(text, values) };
    if (jobs.length > 0) await boss.insert(jobs, { db });
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}
