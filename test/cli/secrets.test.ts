import { createServer } from 'node:net';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealedEvent } from '../fixtures/events.js';
import { type BuiltPackage, buildPackage } from '../support/built-package.js';

const canary = 'CANARYx7Qm2V9pLrT4wZ8sKd3nGh6JbYc1Fe5Xa0Uo=';

let built: BuiltPackage;
let port: number;
beforeAll(async () => {
  built = await buildPackage();
  await writeFile(join(built.dir, 'event.json'), JSON.stringify(sealedEvent()));
  port = await closedPort();
}, 60_000);
afterAll(() => built.remove());

/** A port at which nobody answers. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 1;
}

const unreachable = (): Record<string, string> => {
  const bus = `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=k;SharedAccessKey=${canary};UseDevelopmentEmulator=true;`;
  const at = `TableEndpoint=http://127.0.0.1:${port}/a;`;
  const tables = `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${canary};${at}`;
  return { EVENTHUB: bus, SERVICEBUS: bus, SERVICEBUS_ADMIN_URL: `http://127.0.0.1:${port}`, OUTPORT_TABLES: tables };
};
const broken = (): Record<string, string> => ({
  EVENTHUB: `SharedAccessKey=${canary}`,
  SERVICEBUS: `Endpoint=${canary};SharedAccessKey=${canary}`,
  OUTPORT_TABLES: `AccountKey=${canary}`,
  SERVICEBUS_ADMIN_URL: `ftp://user:${canary}@127.0.0.1`,
  OUTPORT_STAGES: 'prod',
});

const commands = [
  ['emit', 'event.json'],
  ['registry', 'apply', 'examples/registry'],
  ['consume', '--consumer', 'dp.finance.revenue', '--timeout', '1'],
];

describe.each([
  ['that nobody answers', unreachable],
  ['that cannot be read', broken],
])('a command with connections %s', (_, env) => {
  it.each(commands)('%s fails without showing their keys', { timeout: 120_000 }, async (...args) => {
    const { code, stdout, stderr } = await built.outport(args, { env: env() });

    expect(code, stderr).not.toBe(0);
    expect(stderr.length).toBeGreaterThan(10);
    expect(stdout + stderr).not.toContain(canary.slice(0, 12));
  });
});
