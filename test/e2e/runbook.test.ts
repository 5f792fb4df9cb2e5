import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealedEvent } from '../fixtures/events.js';
import { until } from '../fixtures/until.js';
import { type ExampleStack, startExampleStack } from '../support/example-stack.js';

let stack: ExampleStack;
let folder: string;
let variables: Record<string, string>;

const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
const runbook = await readFile(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
const blocks = [...runbook.matchAll(/^## (.+)$|^```sh\n([\s\S]*?)^```$/gm)].reduce<{ title: string; script: string }[]>(
  (found, [, title, script]) => {
    if (title !== undefined) found.push({ title, script: '' });
    const last = found.at(-1);
    if (script !== undefined && last) last.script += script;
    return found;
  },
  [],
);
const tasks = blocks.filter(({ script }) => script !== '');

beforeAll(async () => {
  stack = await startExampleStack();
  folder = await mkdtemp(join(tmpdir(), 'outport-runbook-'));
  const program = join(stack.built.dir, 'dist/cli/main.js');
  await writeFile(join(folder, 'outport'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  await chmod(join(folder, 'outport'), 0o755);
  const firstOf = async (...args: string[]): Promise<string> =>
    (await stack.outport([...args, '--output', 'jsonl'])).stdout.split('\n')[0] ?? '';
  const idOf = (line: string): string => String((JSON.parse(line) as { id: unknown }).id);
  const trigger = JSON.parse(await firstOf('triggers', '--consumer', 'dp.finance.revenue')) as {
    trigger: { triggerId: string };
  };
  variables = {
    EVENT: `orders-${day}`,
    TRIGGER: trigger.trigger.triggerId,
    SUBSCRIPTION: 'sub.finance.revenue.orders',
    PORT: 'op.sales.orders.daily',
    CONSUMER: 'dp.finance.revenue',
    RECORD: idOf(await firstOf('quarantine', 'list', '--reason-code', 'invalid-event')),
    SET: `${day}T00:00:00.000Z`,
    OTHER_SET: await sealForNobody(),
    OTHER_RECORD: idOf(await firstOf('quarantine', 'list', '--reason-code', 'not-json')),
  };
}, 240_000);
/** Seal one of two inputs of a day of its own; answers the set that waits from then on. */
async function sealForNobody(): Promise<string> {
  const body = sealedEvent({
    eventId: 'returns-alone',
    producer: { dataProduct: 'dp.sales.returns', domain: 'sales' },
    outputPort: { key: 'op.sales.returns.daily', version: '1.2.0', stage: 'prod' },
    snapshot: {
      watermark: '2026-02-01T00:00:00Z',
      schemaHash: 'sha256:c07d11e59a6b2f48',
      quality: { status: 'passed', ruleset: 'returns@1' },
    },
  });
  expect((await stack.call('producer', 'POST', 'events', { body })).status).toBe(202);
  const set = '2026-02-01T00:00:00.000Z';
  await until('the set waits', async () => {
    const shown = await stack.call('reader', 'GET', `sets/sub.finance.forecast.day/${set}`);
    return shown.status === 200 || undefined;
  });
  return set;
}

afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});

function run(script: string): Promise<{ code: number; output: string }> {
  const env = { ...stack.env, ...variables, PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder };
  return new Promise((resolve) => {
    execFile('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, output: stdout + stderr });
    });
  });
}

describe('the commands of the runbook', { timeout: 240_000 }, () => {
  it('are there', () => {
    expect(tasks.length).toBeGreaterThan(8);
  });

  it.each(tasks)('work: $title', async ({ script }) => {
    const { code, output } = await run(script);
    expect(output).not.toContain('unexpected:');
    expect(code, output).toBe(0);
  });
});
