import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allows, Role } from '../../shared/contracts/api/roles.js';
import type { Route } from '../../shared/contracts/api/route.js';
import { type RouteName, routes } from '../../shared/contracts/api/routes.js';
import { sealedEvent } from '../fixtures/events.js';
import { until } from '../fixtures/until.js';
import { type ExampleStack, startExampleStack } from '../support/example-stack.js';

let stack: ExampleStack;
let openApi: Record<string, unknown>;
let matches: (name: RouteName, status: number, body: unknown) => string[];

beforeAll(async () => {
  stack = await startExampleStack();
  openApi = (await (await stack.call(undefined, 'GET', 'openapi.json')).json()) as Record<string, unknown>;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(openApi, 'api');
  matches = (name, status, body) => {
    const { path, method } = routes[name];
    const pointer = ['paths', `/${path.replace('{*', '{')}`, method.toLowerCase(), 'responses'].map(escape).join('/');
    const expected =
      status === routes[name].status
        ? `${status}/content/application~1json`
        : 'default/content/application~1problem+json';
    const check = ajv.getSchema(`api#/${pointer}/${expected}/schema`);
    if (check === undefined) throw new Error(`openapi.json says nothing of ${name} ${status}`);
    return check(body)
      ? []
      : (check.errors ?? []).map(({ instancePath, message }) => `${name} ${instancePath} ${message}`);
  };
}, 240_000);
afterAll(() => stack.stop());

const escape = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
const json = async (response: Response): Promise<Record<string, unknown>> =>
  (await response.json()) as Record<string, unknown>;
const itemsOf = async (path: string): Promise<Record<string, unknown>[]> =>
  (await json(await stack.call('reader', 'GET', path)))['items'] as Record<string, unknown>[];

const newEvent = (eventId: string): ReturnType<typeof sealedEvent> =>
  sealedEvent({ eventId, snapshot: { watermark: '2026-02-01T00:00:00Z', batchId: eventId } });

/** The set of the day, which waits for returns since they were retracted. */
const sampleSet = `sets/sub.finance.forecast.day/${day}T00:00:00.000Z`;

/** A request for every route that succeeds for who may make it. */
async function toSample(name: RouteName): Promise<{ path: string; body?: unknown }> {
  const [open] = await itemsOf('quarantine?limit=1&reason=unknown-output-port');
  const id = String(open?.['id']);
  const replay = { name: 'sample', selection: { kind: 'signal', eventId: `orders-${day}` }, dryRun: true };
  const samples: Record<RouteName, { path: string; body?: unknown }> = {
    listSignals: { path: 'signals?port=op.sales.orders.daily' },
    listTriggers: { path: 'triggers?consumer=dp.finance.revenue' },
    resolveTriggers: { path: 'triggers', body: normalized },
    listVerdicts: { path: 'verdicts?subscription=sub.finance.revenue.orders' },
    listSets: { path: 'sets?subscription=sub.finance.forecast.day&fired=true' },
    showSet: { path: sampleSet },
    clearSet: { path: `${sampleSet}/clear`, body: { reason: 'a test', dryRun: true } },
    releaseSet: { path: `${sampleSet}/release`, body: { reason: 'a test', dryRun: true } },
    explain: { path: `explain/orders-${day}` },
    simulate: { path: 'simulate', body: newEvent('simulated') },
    publishEvents: { path: 'events', body: newEvent('published-by-role') },
    listQuarantine: { path: 'quarantine' },
    showQuarantined: { path: `quarantine/${id}` },
    resubmitQuarantined: { path: `quarantine/${id}/resubmit`, body: { reason: 'a test' } },
    discardQuarantined: { path: `quarantine/${id}/discard`, body: { reason: 'a test' } },
    settleQuarantine: { path: 'quarantine', body: { action: 'discard', reason: 'a test', filter: {}, dryRun: true } },
    listReplays: { path: 'replays' },
    startReplay: { path: 'replays', body: replay },
    forceReplay: { path: 'replays/forced', body: { ...replay, reason: 'a test' } },
    showReplay: { path: 'replays/absent' },
    cancelReplay: { path: 'replays/absent/cancel' },
    resumeReplay: { path: 'replays/absent/resume' },
    showControls: { path: 'controls' },
    pause: { path: 'controls/pause', body: { target: { kind: 'stage', stage: 'test' }, reason: 'a test' } },
    resume: { path: 'controls/resume', body: { target: { kind: 'stage', stage: 'test' } } },
    listDeadLetters: { path: 'dead-letters?queue=evaluate' },
    redrive: { path: 'dead-letters/redrive', body: { consumer: 'dp.finance.revenue', reason: 'a test' } },
    listAudit: { path: 'audit' },
    showRegistry: { path: 'registry' },
    replaceRegistry: { path: 'registry', body: { products: [], ports: [], subscriptions: [] } },
    listRegistryVersions: { path: 'registry/versions' },
    putSubscription: { path: `registry/subscriptions/${extra.key}?reason=a+test`, body: extra },
    removeSubscription: { path: `registry/subscriptions/${extra.key}` },
  };
  return samples[name];
}

/** A wish of the returns for customers, which nobody else needs. */
const extra = {
  kind: 'Subscription',
  key: 'sub.sales.returns.customers',
  consumer: 'dp.sales.returns',
  port: 'op.crm.customers.current',
  stage: 'prod',
  versions: '^1',
  activeFrom: '2099-01-01T00:00:00Z',
};

const normalized = {
  eventId: 'resolved',
  occurredAt: '2026-03-10T02:00:00Z',
  producerDp: 'dp.sales.orders',
  outputPortKey: 'op.sales.orders.daily',
  outputPortVersion: '2.1.0',
  stage: 'prod',
  watermark: '2026-03-10T00:00:00Z',
  schemaHash: 'sha256:9f2c1a7be04d55e1',
  qualityStatus: 'passed',
  qualityScore: 0.99,
  ruleset: 'orders-daily@3',
};

describe('the API', { timeout: 60_000 }, () => {
  it('serves an OpenAPI 3.1 document that is valid and names every route', async () => {
    const result = await new Validator().validate(structuredClone(openApi));
    expect(result.errors ?? []).toEqual([]);
    const operations = Object.values(openApi['paths'] as Record<string, Record<string, { operationId: string }>>);
    const ids = operations.flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
    expect(ids.sort()).toEqual(Object.keys(routes).sort());
  });

  describe.each(Object.entries(routes) as [RouteName, Route][])('%s', (name, route) => {
    it.each([...Role.options, undefined])('answers %s as the table says, in the form it promises', async (role) => {
      const { path, body } = await toSample(name);
      const response = await stack.call(role, route.method, path, { body });
      if (role === undefined || !allows([role], route.role)) {
        expect(response.status).toBe(401);
        return;
      }
      const text = await response.text();
      expect(response.status, text).not.toBe(401);
      expect(response.status, text).toBeLessThan(500);
      expect(matches(name, response.status, JSON.parse(text))).toEqual([]);
      if (response.status >= 400) expect(response.headers.get('content-type')).toBe('application/problem+json');
    });
  });

  it('trusts no principal header, because the platform does not set it here', async () => {
    const claims = { claims: [{ typ: 'roles', val: 'Outport.Admin' }] };
    const headers = { 'x-ms-client-principal': Buffer.from(JSON.stringify(claims)).toString('base64') };
    for (const path of ['audit', 'signals']) {
      expect((await stack.call(undefined, 'GET', path, { headers })).status).toBe(401);
    }
  });

  it('names everything wrong with a request at once', async () => {
    const response = await stack.call('reader', 'GET', 'signals?stage=PROD&limit=0&unknown=1');
    expect(response.status).toBe(400);
    const { problems } = (await json(response)) as { problems: { path: string }[] };
    expect(problems.map(({ path }) => path).sort()).toEqual(['$', 'limit', 'stage']);
  });

  it('asks for scan=true where only a scan answers', async () => {
    const refused = await stack.call('reader', 'GET', 'signals?quality=failed');
    expect(await json(refused)).toMatchObject({ status: 400, type: 'urn:outport:problem:needs-scan' });
    expect((await itemsOf('signals?quality=failed&scan=true')).length).toBeGreaterThan(0);
  });

  it('gives every signal once, page by page, and refuses a cursor of another query', async () => {
    const all = await itemsOf('signals?limit=500');
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await json(
        await stack.call('reader', 'GET', `signals?limit=4${cursor === undefined ? '' : `&cursor=${cursor}`}`),
      );
      seen.push(...(page['items'] as { signalId: string }[]).map(({ signalId }) => signalId));
      cursor = page['cursor'] as string | undefined;
      if (cursor !== undefined) {
        const other = await stack.call('reader', 'GET', `signals?stage=prod&cursor=${cursor}`);
        expect(other.status).toBe(400);
      }
    } while (cursor !== undefined);
    expect(seen).toEqual(all.map(({ signalId }) => signalId));
  });

  it('gives the audit log page by page, newest first', async () => {
    const record = (n: number) => ({ target: { kind: 'stage', stage: 'test' }, reason: `page ${n}` });
    for (const n of [1, 2, 3]) await stack.call('operator', 'POST', 'controls/pause', { body: record(n) });
    const reasons: unknown[] = [];
    let cursor: string | undefined;
    do {
      const more = cursor === undefined ? '' : `&cursor=${cursor}`;
      const page = await json(await stack.call('admin', 'GET', `audit?limit=1&target=stage+test${more}`));
      reasons.push(...(page['items'] as { reason?: string }[]).map(({ reason }) => reason));
      cursor = page['cursor'] as string | undefined;
    } while (cursor !== undefined);
    expect(reasons.slice(0, 3)).toEqual(['page 3', 'page 2', 'page 1']);
    await stack.call('operator', 'POST', 'controls/resume', { body: { target: record(0).target } });
  });

  it('takes an event, and shows it as a signal with its way', async () => {
    const accepted = await stack.call('producer', 'POST', 'events', { body: [newEvent('over-http')] });
    expect(await json(accepted)).toEqual({ accepted: 1, eventIds: ['over-http'] });
    const explained = await until('it is explained', async () => {
      const response = await stack.call('reader', 'GET', 'explain/over-http');
      const body = await json(response);
      const [event] = (body['events'] ?? []) as { subscriptions: { outcome: string; trigger?: { state: string } }[] }[];
      return event?.subscriptions.some(({ trigger }) => trigger?.state === 'sent') ? event : undefined;
    });
    expect(JSON.stringify(explained)).toContain('sub.sales.returns.orders');
  });

  it('publishes nothing of a batch with an invalid event, and says where it is wrong', async () => {
    const body = [newEvent('good'), { ...newEvent('bad'), occurredAt: 'yesterday' }];
    const response = await stack.call('producer', 'POST', 'events', { body });
    expect(response.status).toBe(422);
    const { problems } = (await json(response)) as { problems: { path: string }[] };
    expect(new Set(problems.map(({ path }) => path))).toEqual(new Set(['[1].occurredAt']));
    expect((await stack.call('reader', 'GET', 'explain/good')).status).toBe(404);
  });

  it('takes CloudEvents in binary mode', async () => {
    const { eventType, eventId, ...data } = newEvent('in-binary-mode');
    const headers = { 'ce-specversion': '1.0', 'ce-id': eventId, 'ce-type': eventType, 'ce-source': 'urn:test' };
    const response = await stack.call('producer', 'POST', 'events', { body: data, headers });
    expect(await json(response)).toEqual({ accepted: 1, eventIds: ['in-binary-mode'] });
  });

  it('refuses a body that is too large, is no JSON, or is missing', async () => {
    const post = (body: string | undefined): Promise<Response> =>
      fetch(`${stack.httpUrl}/api/simulate`, {
        method: 'POST',
        headers: { 'x-functions-key': 'key-of-readers' },
        ...(body !== undefined && { body }),
      });
    expect((await post(`"${'x'.repeat(1_000_001)}"`)).status).toBe(413);
    expect((await post('{')).status).toBe(400);
    expect((await post(undefined)).status).toBe(400);
  });

  it('changes the registry only from the version that If-Match names, and writes down who did it and why', async () => {
    const shown = await stack.call('reader', 'GET', 'registry');
    const headers = { 'if-match': shown.headers.get('etag') ?? '' };
    const { document } = (await json(shown)) as { document: Record<string, unknown> };
    const path = `registry/subscriptions/${extra.key}?reason=customers+matter`;

    const put = await stack.call('admin', 'PUT', path, { body: extra, headers });
    expect(await json(put)).toMatchObject({ outcome: 'created', channels: { created: [] } });
    expect((await stack.call('admin', 'PUT', path, { body: { ...extra, versions: '^2' }, headers })).status).toBe(412);
    expect((await stack.call('admin', 'PUT', 'registry', { body: document })).status).toBe(412);
    expect((await stack.call('admin', 'PUT', 'registry', { body: document, headers })).status).toBe(412);

    const latest = { 'if-match': put.headers.get('etag') ?? '' };
    const back = await stack.call('admin', 'PUT', 'registry', { body: document, headers: latest });
    expect(await json(back)).toMatchObject({ outcome: 'applied' });
    expect((await itemsOf('registry/versions'))[1]).toMatchObject({ reason: 'customers matter' });
    expect(JSON.stringify(await json(await stack.call('admin', 'GET', 'audit')))).toContain('customers matter');
  });

  it('refuses a subscription that closes a circle, naming the circle', async () => {
    const circle = { ...extra, key: 'sub.crm.customers.self', consumer: 'dp.crm.customers' };
    const response = await stack.call('admin', 'PUT', `registry/subscriptions/${circle.key}`, { body: circle });
    expect(response.status).toBe(400);
    expect(JSON.stringify(await json(response))).toContain('consumes itself');
  });

  it('changes controls only in the state that If-Match names', async () => {
    const shown = await stack.call('reader', 'GET', 'controls');
    const headers = { 'if-match': shown.headers.get('etag') ?? '' };
    const body = { target: { kind: 'port', port: 'op.sales.returns.daily' }, reason: 'looking into it' };
    const paused = await stack.call('operator', 'POST', 'controls/pause', { body, headers });
    expect(paused.status).toBe(200);
    expect(paused.headers.get('etag')).not.toBe(headers['if-match']);
    expect((await stack.call('operator', 'POST', 'controls/pause', { body, headers })).status).toBe(412);
    expect((await stack.call('operator', 'POST', 'controls/resume', { body: { target: body.target } })).status).toBe(
      200,
    );
    expect((await stack.call('operator', 'POST', 'controls/resume', { body: { target: body.target } })).status).toBe(
      404,
    );
    const audit = await json(await stack.call('admin', 'GET', 'audit'));
    expect(JSON.stringify(audit)).toContain('looking into it');
  });
});
