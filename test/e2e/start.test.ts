import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
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

const startOnce = () => built.outport(['start', '--once', '--data-dir', dataDir, ...freePorts]);

function readSummary(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

describe('outport start', { timeout: 120_000 }, () => {
  it('plays the example day through the real functions; played again it fires nothing', async () => {
    const first = await startOnce();
    const summary = readSummary(first.stdout);
    expect(summary, first.stderr).toMatchObject({ ok: true, mismatches: [], duplicates: 1 });
    expect(summary['received']).toBe(summary['triggers']);
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
