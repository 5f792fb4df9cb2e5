import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { ServiceBusClient } from '@azure/service-bus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownProgram } from '../../local/stack/programs.js';
import { buildPrograms } from '../fixtures/built-programs.js';
import { quickRetry } from '../support/broker.js';

const preload = pathToFileURL(path.join(import.meta.dirname, '..', 'support', 'crash', 'full-disk.js')).href;
/** Blocks of 512 bytes (as POSIX `ulimit -f` counts) that the journal may grow to. */
const blocks = 256;

let home: string;
const running: ChildProcess[] = [];
beforeEach(async () => {
  await buildPrograms();
  home = await mkdtemp(path.join(tmpdir(), 'broker-full-disk-'));
  const config = {
    amqpPort: 0,
    adminPort: 0,
    dataDir: path.join(home, 'data'),
    entities: { queues: [{ name: 'plain' }] },
  };
  await writeFile(path.join(home, 'broker.json'), JSON.stringify(config));
}, 60_000);
afterEach(async () => {
  for (const child of running.splice(0)) await end(child);
  await rm(home, { recursive: true, force: true });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Start the broker, its files limited or not; gives a client on it. */
async function start(limited: boolean): Promise<{ child: ChildProcess; client: ServiceBusClient }> {
  const program = [process.execPath, '--import', preload, ownProgram('broker/main.js')];
  const limit = limited ? `ulimit -f ${blocks};` : '';
  const script = `${limit} exec "$@"`;
  const args = ['-c', script, 'sh', ...program, '--config', path.join(home, 'broker.json')];
  const child: ChildProcess = spawn('sh', args, { stdio: ['pipe', 'pipe', 'ignore'] });
  running.push(child);
  const [line] = (await once(createInterface({ input: child.stdout ?? process.stdin }), 'line')) as [string];
  const { amqpPort } = JSON.parse(line) as { amqpPort: number };
  const key = 'SharedAccessKeyName=k;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;';
  return { child, client: new ServiceBusClient(`Endpoint=sb://127.0.0.1:${amqpPort};${key}`, quickRetry) };
}

async function takeAll(client: ServiceBusClient): Promise<number[]> {
  const receiver = client.createReceiver('plain', { receiveMode: 'receiveAndDelete' });
  const numbers: number[] = [];
  for (;;) {
    const batch = await receiver.receiveMessages(500, { maxWaitTimeInMs: 1_000 });
    if (batch.length === 0) return numbers;
    numbers.push(...batch.map(({ body }) => (body as { n: number }).n)); // sent below
  }
}

describe('a broker whose disk is full', { timeout: 120_000 }, () => {
  it('refuses what it cannot keep, and has everything it accepted once there is room again', async () => {
    const first = await start(true);
    const sender = first.client.createSender('plain');
    const accepted: number[] = [];
    let refusal: unknown;
    for (let n = 0; refusal === undefined && n < 1_000; n += 1) {
      await sender.sendMessages({ body: { n, filler: 'x'.repeat(4_000) } }).then(
        () => accepted.push(n),
        (error: unknown) => (refusal = error),
      );
    }
    expect(refusal).toBeInstanceOf(Error);
    expect(accepted.length).toBeGreaterThan(10);
    await end(first.child);
    first.client.close().catch(() => undefined);

    const second = await start(false);
    await second.client.createSender('plain').sendMessages({ body: { n: 1_000_000 } });
    const found = await takeAll(second.client);
    await second.client.close();

    expect(found.filter((n) => n === 1_000_000)).toHaveLength(1);
    expect(new Set(found).size).toBe(found.length);
    expect(accepted.filter((n) => !found.includes(n))).toEqual([]);
  });
});
