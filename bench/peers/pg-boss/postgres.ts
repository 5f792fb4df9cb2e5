import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findProgram, freePort, type Identity, makeFolder, removeFolder, runProgram, startServer } from '../server.js';

const readyMs = 30_000;

export interface Postgres {
  readonly connectionString: string;
  stop(): Promise<void>;
}

/** Why PostgreSQL cannot be started here; undefined when it can. */
export function postgresMissing(): string | undefined {
  const missing = ['postgres', 'initdb'].filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) return `${missing.join(' and ')} not on PATH; install PostgreSQL 13 or newer`;
  if (process.getuid?.() === 0 && !existsSync('/etc/passwd')) return 'PostgreSQL refuses to run as root';
  return undefined;
}

/** A private cluster in a temporary folder, on loopback alone, with its own settings as they come. */
export async function startPostgres(settings: readonly string[]): Promise<Postgres> {
  const as = toUnprivileged();
  const folder = await makeFolder('postgres', as);
  const data = path.join(folder, 'data');
  runProgram(findProgram('initdb') ?? 'initdb', ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8'], as);
  const port = await freePort();
  const args = ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-k', folder];
  const options = settings.flatMap((setting) => ['-c', setting]);
  const server = await startServer(findProgram('postgres') ?? 'postgres', [...args, ...options], {
    port,
    cwd: folder,
    as,
  });
  const connectionString = `postgres://bench@127.0.0.1:${port}/postgres`;
  await untilReady(connectionString);
  return {
    connectionString,
    stop: async () => {
      await server.stop();
      await removeFolder(folder);
    },
  };
}

/** The port answers before the server takes statements. @throws Error with its last answer */
async function untilReady(connectionString: string): Promise<void> {
  for (const untilMs = Date.now() + readyMs; ; await sleep(50)) {
    const client = new pg.Client({ connectionString });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (Date.now() > untilMs) throw error;
    }
  }
}

/** PostgreSQL refuses root: then it runs as the user of its package, else as nobody. */
function toUnprivileged(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string, name: string): number => Number(runProgram('id', [flag, name]));
  const name = isUser('postgres') ? 'postgres' : 'nobody';
  return { uid: idOf('-u', name), gid: idOf('-g', name) };
}

function isUser(name: string): boolean {
  try {
    runProgram('id', ['-u', name]);
    return true;
  } catch {
    return false;
  }
}
