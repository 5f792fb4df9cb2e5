import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';

/** A running Azurite of this test's own. */
export interface Azurite {
  readonly connectionString: string;
  stop(): Promise<void>;
}

const account = 'devstoreaccount1';
// The key every Azurite ships with; it opens nothing else.
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Start Azurite (blobs and tables) in memory on free ports; resolves when it listens. */
export async function startAzurite(): Promise<Azurite> {
  const [blob, queue, table] = await Promise.all([freePort(), freePort(), freePort()]);
  const entry = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const ports = ['--blobPort', String(blob), '--queuePort', String(queue), '--tablePort', String(table)];
  const flags = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
  const child = spawn(process.execPath, [entry, ...ports, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  await listening(child);
  const connectionString =
    `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};` +
    `BlobEndpoint=http://127.0.0.1:${blob}/${account};TableEndpoint=http://127.0.0.1:${table}/${account};`;
  return { connectionString, stop: () => stop(child) };
}

async function listening(child: ChildProcess): Promise<void> {
  let output = '';
  for await (const chunk of child.stdout ?? []) {
    output += String(chunk);
    if (/Table service is successfully listening/i.test(output)) {
      child.stdout?.resume();
      return;
    }
  }
  throw new Error(`Azurite did not start: ${output}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
