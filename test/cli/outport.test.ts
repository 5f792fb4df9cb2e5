import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealedEvent } from '../fixtures/events.js';
import { type BuiltPackage, buildPackage } from '../support/built-package.js';

let built: BuiltPackage;
let folder: string;
beforeAll(async () => {
  built = await buildPackage();
  folder = await mkdtemp(join(tmpdir(), 'outport-cli-'));
});
afterAll(async () => {
  await built.remove();
  await rm(folder, { recursive: true, force: true });
});

const outport = (...args: string[]) => built.outport(args, { cwd: folder });

/** Settings that name a port nobody listens on. */
async function unreachable(): Promise<Record<string, string>> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  const bus = `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=k;SharedAccessKey=v;UseDevelopmentEmulator=true;`;
  const tables = `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:${port}/a;`;
  return { EVENTHUB: bus, SERVICEBUS: bus, OUTPORT_TABLES: tables };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe('outport', () => {
  it('shows examples in the help of every command', async () => {
    const commands = [['start'], ['registry', 'validate'], ['registry', 'apply'], ['emit'], ['consume'], ['schema']];
    for (const command of commands) {
      const { code, stdout } = await outport(...command, '--help');
      expect(code, command.join(' ')).toBe(0);
      expect(stdout).toContain('Examples:');
    }
  });

  it('judges a version number, with an exit code for CI, as a table and as JSON', async () => {
    const contract = (version: string, type: string): string =>
      JSON.stringify({
        apiVersion: 'v3.0.2',
        kind: 'DataContract',
        id: 'c',
        version,
        status: 'active',
        schema: [{ name: 't', properties: [{ name: 'a', logicalType: type }] }],
      });
    await writeFile(join(folder, 'old.json'), contract('1.0.0', 'string'));
    await writeFile(join(folder, 'hidden.json'), contract('1.1.0', 'date'));
    await writeFile(join(folder, 'honest.json'), contract('2.0.0', 'date'));
    const hidden = await outport('contract', 'diff', 'old.json', 'hidden.json');
    expect(hidden.code).toBe(1);
    expect(hidden.stdout).toContain('breaking  schema.t.a');
    expect(hidden.stderr).toContain('raise the major version');
    const honest = await outport('contract', 'diff', 'old.json', 'honest.json', '--json');
    expect(honest.code).toBe(0);
    expect(JSON.parse(honest.stdout)).toMatchObject({ judgement: { verdict: 'honest' } });
    expect((await outport('contract', 'diff', 'old.json', 'honest.json', '--fail-on-breaking')).code).toBe(1);
    expect((await outport('contract', 'diff', 'old.json', 'absent.json')).code).toBe(2);
    expect((await outport('contract', 'hash', 'old.json')).stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  });

  it('draws and checks a folder of registry files without talking to anybody', async () => {
    await mkdir(join(folder, 'drawn'), { recursive: true });
    await writeFile(
      join(folder, 'drawn/a.yaml'),
      'kind: DataProduct\nkey: dp.sales.orders\nowner: team\nlayer: gold\n',
    );
    const drawn = await outport('registry', 'graph', 'drawn', '--format', 'json');
    expect(JSON.parse(drawn.stdout)).toMatchObject({
      nodes: [{ product: 'dp.sales.orders', layer: 'gold' }],
      edges: [],
    });
    const checked = await outport('registry', 'validate', 'drawn', '--json');
    expect(JSON.parse(checked.stdout)).toEqual({ valid: true, files: 1, problems: [] });
  });

  it('refuses what it does not know with exit code 2', async () => {
    for (const args of [
      ['nonsense'],
      ['emit', '--nonsense'],
      ['consume'],
      ['schema', 'Nonsense'],
      ['start', '--amqp-port', 'x'],
    ]) {
      const { code, stderr } = await outport(...args);
      expect(code, args.join(' ')).toBe(2);
      expect(stderr).toMatch(/^error/m);
    }
  });

  it('says which version it is, and leaves --version of emit to the contract', async () => {
    expect((await outport('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await outport('emit', '--version', '2.1.0')).stderr).toContain('missing --port, --stage');
  });

  it('uses no colour when its output is no terminal', async () => {
    const { stdout, stderr } = await outport('registry', 'validate', join(built.dir, 'examples/registry'));
    expect(stdout + stderr).not.toMatch(/\u001b/);
  });
});

describe('outport registry', () => {
  it('accepts the example registry', async () => {
    const { code, stdout } = await outport('registry', 'validate', join(built.dir, 'examples/registry'));
    expect(stdout).toContain('5 data products, 5 output ports, 7 subscriptions');
    expect(code).toBe(0);
  });

  it('names file, line, member and what to do for a broken one, and applies nothing of it', async () => {
    await mkdir(join(folder, 'broken'), { recursive: true });
    await writeFile(join(folder, 'broken/a.yaml'), 'kind: DataProduct\nkey: dp.Sales.orders\nowner: team\n');
    for (const command of ['validate', 'apply']) {
      const { code, stdout, stderr } = await outport('registry', command, 'broken');
      expect(code).toBe(2);
      expect(stdout).toContain('broken/a.yaml:2  error  dp.Sales.orders key: must look like dp.<domain>.<product>');
      expect(stderr).toContain('mend the errors named above');
    }
  });

  it('ends with exit code 3 when storage does not answer', async () => {
    const args = ['registry', 'apply', join(built.dir, 'examples/registry')];
    const { code, stderr } = await built.outport(args, { cwd: folder, env: await unreachable() });
    expect(stderr).toContain('ECONNREFUSED');
    expect(stderr).toContain('outport start');
    expect(code).toBe(3);
  });
});

describe('outport emit', () => {
  it('checks events from standard input, one a line, without sending', async () => {
    const lines = [sealedEvent(), sealedEvent({ eventId: 'second' })].map((event) => JSON.stringify(event));
    const { code, stdout } = await built.outport(['emit', '-', '--dry-run'], { cwd: folder, stdin: lines.join('\n') });
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(code).toBe(0);
  });

  it.each(['structured', 'binary'])('makes %s CloudEvents that pass the same check', async (mode) => {
    const args = ['emit', '-', '--dry-run', '--cloudevents', mode];
    const { code, stdout } = await built.outport(args, { cwd: folder, stdin: JSON.stringify(sealedEvent()) });
    expect(stdout).toContain('orders-2026-03-10  op.sales.orders.daily@2.1.0  prod');
    expect(code).toBe(0);
  });

  it('sends nothing when one event of many is invalid, and names its place and every problem', async () => {
    await writeFile(
      join(folder, 'two.json'),
      JSON.stringify([sealedEvent(), sealedEvent({ snapshot: { revision: -1 } })]),
    );
    const { code, stdout, stderr } = await outport('emit', 'two.json');
    expect(stderr).toContain('two.json[1]: snapshot.revision');
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('names every flag that is missing at once', async () => {
    const { code, stderr } = await outport('emit', '--port', 'op.sales.orders.daily');
    expect(stderr).toContain('missing --version, --stage, --watermark, --schema-hash');
    expect(code).toBe(2);
  });

  it('names the line of broken JSON lines, and files that are not there', async () => {
    const broken = await built.outport(['emit', '-'], {
      cwd: folder,
      stdin: `${JSON.stringify(sealedEvent())}\n{"a":`,
    });
    expect(broken.stderr).toContain('stdin:2 is not JSON');
    expect(broken.code).toBe(2);
    expect((await outport('emit', 'absent.json')).stderr).toContain('cannot read absent.json (ENOENT)');
  });

  it('ends with exit code 3 when the hub does not answer', async () => {
    const stdin = JSON.stringify(sealedEvent());
    const { code, stderr } = await built.outport(['emit', '-'], { cwd: folder, env: await unreachable(), stdin });
    expect(stderr).toContain('ECONNREFUSED');
    expect(code).toBe(3);
  });
});

describe('outport settings', () => {
  it('come from local.settings.json, and everything wrong with them is named at once', async () => {
    const cwd = await mkdtemp(join(folder, 'settings-'));
    await writeFile(
      join(cwd, 'local.settings.json'),
      JSON.stringify({ Values: { EVENTHUB: 'x', OUTPORT_BUCKETS: '0' } }),
    );
    const stdin = JSON.stringify(sealedEvent());
    const { code, stderr } = await built.outport(['emit', '-'], { cwd, stdin });
    for (const name of ['SERVICEBUS', 'OUTPORT_TABLES', 'OUTPORT_BUCKETS']) expect(stderr).toContain(name);
    expect(code).toBe(2);
  });

  it('in a file that is no settings file are refused by name', async () => {
    const cwd = await mkdtemp(join(folder, 'settings-'));
    await writeFile(join(cwd, 'local.settings.json'), '{ "Values": ');
    const { code, stderr } = await built.outport(['emit', '-'], { cwd, stdin: JSON.stringify(sealedEvent()) });
    expect(stderr).toContain('local.settings.json is not a settings file');
    expect(code).toBe(2);
  });
});
