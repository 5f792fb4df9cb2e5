import { spawn, type ChildProcess } from 'node:child_process';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { azuriteResource, toStorageConnection } from '../../../local/stack/azurite.js';
import { settlePorts } from '../../../local/stack/ports.js';
import type { Resource } from '../../../local/stack/resource.js';
import { TimerMonitor } from '../../../local/host/triggers/timer-monitor.js';
import { startHost } from '../../fixtures/host-process.js';
import { until } from '../../fixtures/until.js';

describe('A timer that is monitored', () => {
  let azurite: Resource;
  let storage: string;
  beforeAll(async () => {
    const wish = { option: 'test', port: 0 };
    const ports = await settlePorts({ blob: wish, queue: wish, table: wish });
    azurite = azuriteResource({ ports, dataDir: undefined, logDir: undefined, onOutput: undefined });
    await azurite.up();
    storage = toStorageConnection(ports);
  });
  afterAll(() => azurite.down());

  it('keeps its status in host storage and runs once when it is past due', async () => {
    const env = { AzureWebJobsStorage: storage };
    const first = await startHost('timers', env);
    const name = await until('the status is stored', () => findStatus(storage));
    await first.stop();
    const missed = { Last: '2020-01-01T00:00:00Z', Next: '2020-01-02T00:00:00Z', LastUpdated: '2020-01-01T00:00:00Z' };
    await new TimerMonitor({ AzureWebJobsStorage: storage }, name.split('/')[1] ?? '').write('yearly', missed);
    const second = await startHost('timers', env);
    const runs = await until('the timer runs', async () => {
      const seen = (await (await fetch(`${second.url}/api/runs`)).json()) as { isPastDue: boolean }[];
      return seen.length > 0 ? seen : undefined;
    });
    await second.stop();
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ isPastDue: true, scheduleStatus: { last: missed.Last, next: missed.Next } });
  });

  it('shares the life of the process that started it: a killed parent leaves no children', async () => {
    const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = Number(await firstLine(parent));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until('the child ends', () => (isAlive(pid) ? undefined : true));
  });
});

const PARENT = `
  import { ChildProgram } from '${new URL('../../../dist/local/stack/child-program.js', import.meta.url).href}';
  const program = new ChildProgram({ name: 'child', script: '-e', args: [
    "console.log('ready'); setInterval(() => undefined, 1000)"], logDir: undefined, onOutput: undefined, readyTimeoutMs: 5000 });
  await program.start((line) => (line === 'ready' ? true : undefined));
  console.log(program.pid);
`;

async function findStatus(storage: string): Promise<string | undefined> {
  const container = BlobServiceClient.fromConnectionString(storage).getContainerClient('azure-webjobs-hosts');
  if (!(await container.exists())) return undefined;
  for await (const blob of container.listBlobsFlat()) {
    if (blob.name.endsWith('Host.Functions.yearly/status')) return blob.name;
  }
  return undefined;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
