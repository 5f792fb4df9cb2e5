import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltPackage, buildPackage } from '../support/built-package.js';

const freePorts = ['amqp', 'http', 'table', 'blob', 'admin'].flatMap((name) => [`--${name}-port`, '0']);

let built: BuiltPackage;
let dataDir: string;
beforeAll(async () => {
  built = await buildPackage();
  dataDir = await mkdtemp(join(tmpdir(), 'outport-start-'));
});
afterAll(async () => {
  await built.remove();
  await rm(dataDir, { recursive: true, force: true });
});

const canary = 'CANARYx7Qm2V9pLrT4wZ8sKd3nGh6JbYc1Fe5Xa0Uo=';
/** Connections of somebody else that happen to be in the environment: not used here, and nobody's to show. */
const planted = {
  EVENTHUB: `Endpoint=sb://127.0.0.1:1/;SharedAccessKeyName=k;SharedAccessKey=${canary}`,
  SERVICEBUS: `Endpoint=sb://127.0.0.1:1/;SharedAccessKeyName=k;SharedAccessKey=${canary}`,
  OUTPORT_TABLES: `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${canary};EndpointSuffix=localhost`,
  AZURE_CLIENT_SECRET: canary,
};
const outputs: string[] = [];

async function startOnce() {
  const args = ['start', '--once', '--verbose', '--data-dir', dataDir, ...freePorts];
  const ran = await built.outport(args, { env: planted });
  outputs.push(ran.stdout, ran.stderr);
  return ran;
}

function readSummary(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

describe('outport start', { timeout: 120_000 }, () => {
  it('plays the example day through the real functions; played again it fires nothing', async () => {
    const first = await startOnce();
    const summary = readSummary(first.stdout);
    expect(summary, first.stderr).toMatchObject({ ok: true, mismatches: [], duplicates: 1 });
    expect(summary['revocations']).toBe(1);
    expect(summary['received']).toBe(Number(summary['triggers']) + 1);
    expect(first.code).toBe(0);

    const second = await startOnce();
    expect(readSummary(second.stdout)).toMatchObject({
      ok: true,
      signals: 0,
      received: 0,
      triggers: summary['triggers'],
      quarantined: summary['quarantined'],
    });
    expect(second.code).toBe(0);
  });

  it('serves until it is interrupted; meanwhile a second copy on its data is refused', async () => {
    const script = join(built.dir, 'dist/cli/main.js');
    const child = spawn(process.execPath, [script, 'start', '--data-dir', dataDir, ...freePorts], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('serving at')) break;
      child.stdout.resume();
      const second = await startOnce();
      expect(second.stderr).toContain(`in use by process ${child.pid}`);
      expect(second.code).toBe(3);
    } finally {
      if (child.exitCode === null) child.kill('SIGINT');
    }
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
  });

  it('shows no key in its output or in any log, even when told to show everything', async () => {
    const logs = join(dataDir, 'logs');
    const texts = [
      ...outputs,
      ...(await Promise.all((await readdir(logs)).map((name) => readFile(join(logs, name), 'utf8')))),
    ];
    const keysFile = await readFile(join(dataDir, 'keys.json'), 'utf8');
    const hostKeys = [...keysFile.matchAll(/"([\w+/=-]{20,})"/g)].map(([, key]) => key ?? '');
    expect(hostKeys.length).toBeGreaterThan(0);
    expect(texts.join('').length).toBeGreaterThan(1_000);
    for (const secret of [canary, 'SAS_KEY_VALUE', 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1', ...hostKeys]) {
      expect(texts.filter((text) => text.includes(secret))).toEqual([]);
    }
  });

  it('names the option of a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const own = await mkdtemp(join(tmpdir(), 'outport-start-'));
    const args = ['start', '--once', '--data-dir', own, ...freePorts, '--http-port', port];
    const { code, stderr } = await built.outport(args);
    expect(stderr).toContain(`port ${port} is taken; free it or choose another with --http-port`);
    expect(code).toBe(3);
    await new Promise((resolve) => server.close(resolve));
    await rm(own, { recursive: true, force: true });
  });
});
