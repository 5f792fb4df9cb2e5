import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHost, type HostProcess } from '../../fixtures/host-process.js';
import { until } from '../../fixtures/until.js';

describe('HTTP functions', () => {
  let host: HostProcess;
  beforeAll(async () => {
    host = await startHost('basic');
  });
  afterAll(() => host.stop());

  const call = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${host.url}${path}`, init);
  const withKey = (key: string): RequestInit => ({ headers: { 'x-functions-key': key } });

  it('get route parameters, query and app settings, and answer with headers and cookies', async () => {
    const response = await call('/api/greet/ann?q=1');
    expect(response.status).toBe(201);
    expect(response.headers.get('x-hooked')).toBe('true');
    expect(response.headers.getSetCookie()).toEqual(['seen=yes; Path=/; HttpOnly']);
    expect(await response.json()).toEqual({ greeting: 'hello', params: { name: 'ann' }, q: '1', body: '' });
  });

  it('match routes without regard to case, and take bodies and optional parameters', async () => {
    const response = await call('/API/Greet/Bob/3', { method: 'POST', body: 'text' });
    expect(await response.json()).toMatchObject({ params: { name: 'Bob', times: '3' }, body: 'text' });
  });

  it('answer 404 for unknown routes, unknown methods and parameters against their constraint', async () => {
    expect((await call('/api/nothing')).status).toBe(404);
    expect((await call('/api/empty', { method: 'DELETE' })).status).toBe(404);
    expect((await call('/api/greet/bob/many')).status).toBe(404);
  });

  it('of level function need a key; the host key and the master key open them', async () => {
    expect((await call('/api/guarded')).status).toBe(401);
    expect((await call('/api/guarded', withKey('wrong'))).status).toBe(401);
    expect((await call('/api/guarded', withKey(host.keys.host['default'] ?? ''))).status).toBe(200);
    expect((await call(`/api/guarded?code=${host.keys.master}`)).status).toBe(200);
  });

  it('of level admin open to the master key only', async () => {
    expect((await call('/api/masters', withKey(host.keys.host['default'] ?? ''))).status).toBe(401);
    expect((await call('/api/masters', withKey(host.keys.master))).status).toBe(200);
  });

  it('answer 204 for no result and 500 without details for a throw', async () => {
    expect((await call('/api/empty')).status).toBe(204);
    const broken = await call('/api/broken');
    expect([broken.status, await broken.text()]).toEqual([500, '']);
  });

  it('can have their failure turned into a success by a postInvocation hook', async () => {
    const response = await call('/api/forgiven');
    expect([response.status, await response.text()]).toEqual([202, 'forgiven']);
  });

  it('cannot be registered after loading', async () => {
    const response = await call('/api/late');
    expect(response.status).toBe(409);
    expect(await response.text()).toContain('too late');
  });

  it('refuse bodies beyond the limit with 413', async () => {
    const small = await startHost('basic', { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '10' });
    try {
      const response = await fetch(`${small.url}/api/greet/ann`, { method: 'POST', body: 'x'.repeat(11) });
      expect(response.status).toBe(413);
    } finally {
      await small.stop();
    }
  });

  it('that cannot be indexed are in error while the others run', () => {
    expect(JSON.stringify(host.ready['inError'])).toMatch(/^\{"unresolved":.*NO_SUCH_SETTING/);
  });

  it('run as timers at once when an operator asks with the master key', async () => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"input":""}' };
    expect((await call('/admin/functions/yearly', init)).status).toBe(401);
    const headers = { ...init.headers, 'x-functions-key': host.keys.master };
    expect((await call('/admin/functions/yearly', { ...init, headers })).status).toBe(202);
    const runs = await until('the timer runs', async () => {
      const seen = (await (await call('/api/runs')).json()) as { isPastDue: boolean }[];
      return seen.length > 0 ? seen : undefined;
    });
    expect(runs[0]).toMatchObject({ isPastDue: false, schedule: { adjustForDST: true } });
  });

  it('are listed for the master key, with the host status', async () => {
    expect((await call('/admin/functions')).status).toBe(401);
    const listed = (await (await call('/admin/functions', withKey(host.keys.master))).json()) as { name: string }[];
    expect(listed.map(({ name }) => name)).toContain('greet');
    const status = await call('/admin/host/status', withKey(host.keys.master));
    expect(await status.json()).toMatchObject({ state: 'Error', errors: [expect.stringContaining('unresolved')] });
    expect((await call('/admin/host/status', { ...withKey(host.keys.master), method: 'POST' })).status).toBe(405);
  });

  it('can be switched off by an app setting', async () => {
    const quiet = await startHost('basic', { 'AzureWebJobs.empty.Disabled': 'true' });
    try {
      expect((await fetch(`${quiet.url}/api/empty`)).status).toBe(404);
    } finally {
      await quiet.stop();
    }
  });
});
