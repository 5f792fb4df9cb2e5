import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as clients from '@restatedev/restate-sdk-clients';
import type { Contender, Entry } from '../../fan-out/contender.js';
import { inParallel } from '../decode.js';
import { freePort, makeFolder, removeFolder, startApp, startServer } from '../server.js';
import { registerServices } from './register.js';
import { eventObject, serveServices, toConsumerServices, type toEventObject } from './services.js';

const system = 'Restate';
const durability = 'fsync of the log at every batch it gathers';

export const restateEntries: readonly Entry[] = [
  {
    system,
    settings: 'default',
    durability,
    flooded: 500,
    missing: serverMissing,
    start: (note) => start({ env: {}, atOnce: 1, journalMs: undefined }, note),
  },
  {
    system,
    settings: 'tuned',
    durability,
    flooded: 3_000,
    missing: serverMissing,
    // As many partitions as cores: each has a log of its own.
    start: (note) => start({ env: { RESTATE_DEFAULT_NUM_PARTITIONS: '2' }, atOnce: 200, journalMs: 0 }, note),
  },
];

interface Tuning {
  readonly env: Readonly<Record<string, string>>;
  /** Requests a producer has under way. */
  readonly atOnce: number;
  readonly journalMs: number | undefined;
}

function findServer(): string | undefined {
  try {
    const name = `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`;
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined;
  }
}

function serverMissing(): string | undefined {
  return findServer() === undefined
    ? `no Restate server for ${process.platform} ${process.arch} is packaged`
    : undefined;
}

async function start(
  { env, atOnce, journalMs }: Tuning,
  note: (consumer: string, eventId: string) => void,
): Promise<Contender> {
  const folder = await makeFolder('restate');
  const [ingress, admin, node] = [await freePort(), await freePort(), await freePort()];
  const server = await startServer(findServer() ?? '', ['--no-logo', '--node-name', 'bench', '--base-dir', folder], {
    port: ingress,
    cwd: folder,
    env: {
      ...env,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_LOG_FILTER: 'error',
    },
  });
  const adminUrl = `http://127.0.0.1:${admin}`;
  const consumers = await serveServices(toConsumerServices({ journalMs }, note));
  await registerServices(adminUrl, consumers.url);
  const app = await startApp(fileURLToPath(new URL('app.js', import.meta.url)), { adminUrl, journalMs });
  const client = clients.connect({ url: `http://127.0.0.1:${ingress}` });
  return {
    send: (bodies) => inParallel(bodies, atOnce, (body) => sendOne(client, body.toString())),
    stop: async () => {
      await app.stop();
      await server.stop();
      consumers.stop();
      await removeFolder(folder);
    },
  };
}

/** The key is in the event: a producer knows what it sends. */
async function sendOne(client: clients.Ingress, text: string): Promise<void> {
  const { eventId } = JSON.parse(text) as { eventId: string }; // our own seal
  const object = { name: eventObject } as ReturnType<typeof toEventObject>; // a definition is known by its name
  await client.objectSendClient(object, eventId).record(text);
}
