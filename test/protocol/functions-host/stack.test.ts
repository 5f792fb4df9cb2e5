import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startStack, type StackEvent } from '../../../local/stack/start-stack.js';
import { buildPrograms } from '../../fixtures/built-programs.js';
import { FIXTURE_APPS } from '../../fixtures/host-process.js';
import { startMessagingStack } from '../../fixtures/messaging-stack.js';
import { untilSeen } from '../../fixtures/recorded.js';
import { until } from '../../fixtures/until.js';

describe('A stack', () => {
  let dataDir: string;
  beforeEach(async () => {
    await buildPrograms();
    dataDir = await mkdtemp(path.join(tmpdir(), 'stack-test-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('refuses a data folder that another one uses, and keeps keys, logs and messages in it', async () => {
    const first = await startMessagingStack(dataDir);
    await expect(startMessagingStack(dataDir)).rejects.toThrow(`is in use by process ${process.pid}`);
    await first.host.kill('SIGTERM');
    const client = new ServiceBusClient(first.endpoints.amqp);
    await client.createSender('batches').sendMessages({ body: 'kept' });
    await client.close();
    await first.stop();
    const second = await startMessagingStack(dataDir);
    await untilSeen(second, 'queueMany', 'kept');
    expect(second.endpoints.keys).toEqual(first.endpoints.keys);
    expect((await stat(path.join(dataDir, 'logs', 'functions-host.log'))).size).toBeGreaterThan(0);
    expect(await second.healthCheck()).toEqual({ kind: 'up' });
    await second.stop();
  });

  it('names a taken port with its option, and leaves the folder free', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const amqp = typeof address === 'object' && address ? address.port : 0;
    const options = { appDir: path.join(FIXTURE_APPS, 'basic'), dataDir, entities: {} };
    await expect(startStack({ ...options, ports: { amqp } })).rejects.toThrow(/is taken; .* --amqp-port/);
    await new Promise((resolve) => server.close(resolve));
    await (await startStack(options)).stop();
  });

  it('starts a functions host again that died, and says so', async () => {
    const events: StackEvent[] = [];
    const onProgress = (event: StackEvent): void => void events.push(event);
    const stack = await startStack({ appDir: path.join(FIXTURE_APPS, 'basic'), entities: {}, onProgress });
    const url = `${stack.endpoints.httpUrl}/api`;
    await fetch(`${url}/reject`).catch(() => undefined);
    await until('the crash is told', () => (events.some(({ kind }) => kind === 'warning') ? true : undefined));
    const status = await until('the host answers again', () =>
      fetch(`${url}/empty`).then(
        (response) => response.status,
        () => undefined,
      ),
    );
    expect(status).toBe(204);
    await stack.stop();
  });

  it('shows the last lines of a part that does not come up', async () => {
    const appDir = path.join(dataDir, 'no-app');
    await expect(startStack({ appDir, entities: {} })).rejects.toThrow(
      /functions-host ended while starting[^]*host\.json/,
    );
  });
});
