import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockData } from '../../../local/stack/data-lock.js';
import { settlePort, settlePorts } from '../../../local/stack/ports.js';
import { parallel, sequence, type Resource } from '../../../local/stack/resource.js';

function fake(name: string, log: string[], problem?: string): Resource {
  return {
    name,
    up: async () => {
      log.push(`${name} up`);
      if (problem) throw new Error(problem);
    },
    down: async () => void log.push(`${name} down`),
    healthCheck: async () => (problem ? { kind: 'failing', reason: problem } : { kind: 'up' }),
  };
}

describe('Resources', () => {
  it('in sequence come up in order and go down in reverse', async () => {
    const log: string[] = [];
    const tree = sequence('s', [fake('a', log), parallel('p', [fake('b', log), fake('c', log)]), fake('d', log)]);
    await tree.up();
    await tree.down();
    expect(log).toEqual(['a up', 'b up', 'c up', 'd up', 'd down', 'b down', 'c down', 'a down']);
  });

  it('that came up go down again when a later one fails', async () => {
    const log: string[] = [];
    const tree = sequence('s', [fake('a', log), fake('b', log, 'no port'), fake('c', log)]);
    await expect(tree.up()).rejects.toThrow('no port');
    expect(log).toEqual(['a up', 'b up', 'b down', 'a down']);
  });

  it('started together all go down when one fails', async () => {
    const log: string[] = [];
    await expect(parallel('p', [fake('a', log), fake('b', log, 'broken')]).up()).rejects.toThrow('broken');
    expect(log).toContain('a down');
  });

  it('are as healthy as the worst of them', async () => {
    const tree = sequence('s', [fake('a', []), fake('b', [], 'slow')]);
    expect(await tree.healthCheck()).toEqual({ kind: 'failing', reason: 'slow' });
  });
});

describe('Ports', () => {
  it('that are taken are named with the option that changes them', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(settlePort({ option: '--amqp-port', port })).rejects.toThrow(
      `port ${port} is taken; free it or choose`,
    );
    await expect(settlePort({ option: '--amqp-port', port })).rejects.toThrow('--amqp-port');
    await new Promise((resolve) => server.close(resolve));
  });

  it('asked for twice are refused; free ones differ', async () => {
    const { a, b } = await settlePorts({ a: { option: '--a', port: 0 }, b: { option: '--b', port: 0 } });
    expect(a).not.toBe(b);
    const same = { a: { option: '--a', port: a }, b: { option: '--b', port: a } };
    await expect(settlePorts(same)).rejects.toThrow(/twice; change --b/);
  });
});

describe('A data folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('serves one stack at a time', async () => {
    const lock = await lockData(folder);
    await expect(lockData(folder)).rejects.toThrow(`in use by process ${process.pid}`);
    await lock.release();
    await (await lockData(folder)).release();
  });

  it('is taken over from a process that no longer lives', async () => {
    await writeFile(path.join(folder, 'stack.lock'), '999999999');
    await (await lockData(folder)).release();
  });
});
