import { beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from '../../fixtures/built-programs.js';
import { startHost, type HostProcess } from '../../fixtures/host-process.js';
import { until } from '../../fixtures/until.js';

/** Wait for a line of output that contains `text`. */
const untilLine = (host: HostProcess, text: string): Promise<string> =>
  until(`a line with "${text}"`, () => host.program.lastLines.find((line) => line.includes(text)));

describe('The host process', () => {
  beforeAll(buildPrograms);

  it('lets a running request end after SIGTERM and then ends with code 0', async () => {
    const host = await startHost('basic');
    const answer = fetch(`${host.url}/api/slow`);
    await untilLine(host, "Executing 'slow'");
    await host.stop();
    expect(await (await answer).text()).toBe('done');
    expect(host.program.exitCode).toBe(0);
  });

  it('ends with code 1 when user code leaves a rejection unhandled', async () => {
    const host = await startHost('basic');
    const ended = new Promise<void>((resolve) => host.program.onUnexpectedExit(resolve));
    await fetch(`${host.url}/api/reject`).catch(() => undefined);
    await ended;
    expect(host.program.exitCode).toBe(1);
    await host.stop();
  });

  it('warns about host.json keys that are ignored', async () => {
    const host = await startHost('basic');
    await untilLine(host, 'extensions.unknownPart');
    await host.stop();
  });

  it('gives a request that never ends 15 seconds after SIGTERM and then ends with code 1', async () => {
    const host = await startHost('basic');
    const answer = fetch(`${host.url}/api/forever`).catch(() => 'cut off');
    await untilLine(host, "Executing 'forever'");
    const askedAt = Date.now();
    await host.stop();
    expect(Date.now() - askedAt).toBeGreaterThanOrEqual(15_000);
    expect(await answer).toBe('cut off');
    // A code of its own: nobody had to kill it.
    expect(host.program.exitCode).toBe(1);
  }, 60_000);

  it('ends with everything on it when one invocation outlives functionTimeout', async () => {
    const host = await startHost('basic', { AzureFunctionsJobHost__functionTimeout: '00:00:01' });
    const ended = new Promise<void>((resolve) => host.program.onUnexpectedExit(resolve));
    expect(await fetch(`${host.url}/api/forever`).catch(() => 'cut off')).toBe('cut off');
    await ended;
    expect(host.program.lastLines.join('\n')).toContain('timeout of function \\"forever\\"');
    expect(host.program.exitCode).toBe(1);
    await host.stop();
  });

  it('runs appTerminate hooks when it stops, and lets log hooks change what user code logs', async () => {
    const host = await startHost('basic');
    await fetch(`${host.url}/api/greet/ann`);
    await untilLine(host, 'greeting, hooked');
    await host.stop();
    expect(host.program.lastLines.join('\n')).toContain('terminating with the data of appStart');
  });

  it('runs timers with runOnStartup once at its start', async () => {
    const host = await startHost('basic');
    const starts = await until('the timer ran', async () => {
      const seen = (await (await fetch(`${host.url}/api/starts`)).json()) as string[];
      return seen.length > 0 ? seen : undefined;
    });
    expect(starts).toEqual(['started']);
    await host.stop();
  });
});
