import type { HttpFunctionOptions } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { identify, toAppRole } from '../../../functions/api/caller.js';
import { RateLimit } from '../../../functions/api/rate-limit.js';
import { registerApi } from '../../../functions/api/register-api.js';
import { allows, Role } from '../../../shared/contracts/api/roles.js';
import type { Route } from '../../../shared/contracts/api/route.js';
import { routes } from '../../../shared/contracts/api/routes.js';
import { pauseFor } from '../../../shared/domain/pause-for.js';
import type { Pause } from '../../../shared/contracts/controls.js';

const principal = (...roles: string[]): Headers => {
  const claims = [
    ...roles.map((val) => ({ typ: 'roles', val })),
    { typ: 'name', val: 'Ada' },
    { typ: 'oid', val: '42' },
  ];
  return new Headers({ 'x-ms-client-principal': Buffer.from(JSON.stringify({ claims })).toString('base64') });
};

describe('sign-in by the platform', () => {
  it.each(Object.entries<Route>(routes))(
    'lets into %s whose app role allows it, and nobody else',
    (_, { role: needed }) => {
      for (const role of Role.options) {
        const identified = identify(principal(toAppRole(role)), needed, 'platform-sign-in');
        expect(identified.ok, role).toBe(allows([role], needed));
        if (!identified.ok) expect(identified.code).toBe('forbidden');
      }
    },
  );

  it('names the person in the audit log', () => {
    expect(identify(principal('Outport.Admin'), 'reader', 'platform-sign-in')).toMatchObject({
      caller: { id: '42', actor: 'Ada (42)' },
    });
  });

  it('takes a missing, broken or foreign principal for nobody, or for somebody without a role', () => {
    const codeOf = (headers: Headers): unknown => {
      const identified = identify(headers, 'reader', 'platform-sign-in');
      return identified.ok ? 'in' : identified.code;
    };
    expect(codeOf(new Headers())).toBe('unauthenticated');
    expect(codeOf(new Headers({ 'x-ms-client-principal': 'bm90IGpzb24=' }))).toBe('unauthenticated');
    expect(codeOf(new Headers({ 'x-ms-client-principal': btoa('{"claims":"all"}') }))).toBe('unauthenticated');
    expect(codeOf(principal('admin', 'Outport.admin', 'Reader'))).toBe('forbidden');
  });
});

describe('access keys', () => {
  it('leave the check to the platform, and give a principal header no weight', () => {
    const headers = principal('Outport.Admin');
    headers.set('x-functions-key', 'k');
    headers.set('x-outport-actor', 'ada');
    const identified = identify(headers, 'reader', 'platform-keys');
    expect(identified).toMatchObject({
      ok: true,
      caller: { actor: expect.stringMatching(/^key [0-9a-f]{8} \(says ada\)$/) as string },
    });
    expect(JSON.stringify(identified)).not.toContain('42');
  });

  it('cannot write a second line into the audit log with the name they claim', () => {
    const headers = { get: (name: string) => (name === 'x-outport-actor' ? 'ada\nroot' : null) };
    expect(identify(headers, 'reader', 'platform-keys')).toMatchObject({ caller: { actor: 'key no-header' } });
  });
});

describe('registration', () => {
  const levels = (mode: 'platform-keys' | 'platform-sign-in'): Map<string, string | undefined> => {
    const found = new Map<string, string | undefined>();
    const app = { http: (name: string, { authLevel }: HttpFunctionOptions) => found.set(name, authLevel) };
    registerApi(app, () => Promise.reject(new Error('not called')), mode);
    return found;
  };

  it('locks every route with a key of the level its role asks for', () => {
    const found = levels('platform-keys');
    for (const [name, { role }] of Object.entries<Route>(routes)) {
      expect(found.get(name), name).toBe(role === 'admin' ? 'admin' : 'function');
    }
    expect([...found].filter(([, level]) => level === 'anonymous').map(([name]) => name)).toEqual(['openapi']);
  });

  it('leaves the lock to sign-in where the platform signs callers in', () => {
    expect(new Set(levels('platform-sign-in').values())).toEqual(new Set(['anonymous']));
  });

  it('has no two routes that one request could match, because the platform orders them by name', () => {
    const taken = Object.values<Route>(routes).map(({ method, path }) => ({ method, parts: path.split('/') }));
    for (const a of taken) {
      for (const b of taken) {
        if (a === b || a.method !== b.method || a.parts.length !== b.parts.length) continue;
        const overlaps = a.parts.every(
          (part, index) => part === b.parts[index] || part.startsWith('{') || b.parts[index]?.startsWith('{'),
        );
        expect(overlaps, `${a.parts.join('/')} and ${b.parts.join('/')}`).toBe(false);
      }
    }
  });
});

describe('the rate limit', () => {
  it('lets each caller have a burst, then says how long to wait, and refills', () => {
    const limit = new RateLimit(60);
    const answers = Array.from({ length: 61 }, () => limit.take('a', 0));
    expect(answers.slice(0, 60)).toEqual(Array.from({ length: 60 }, () => 0));
    expect(answers[60]).toBe(1);
    expect(limit.take('b', 0)).toBe(0);
    expect(limit.take('a', 1_000)).toBe(0);
  });
});

describe('pauses', () => {
  const pause = (target: Pause['target']): Pause => ({
    target,
    reason: 'r',
    actor: 'ada',
    since: '2026-03-11T00:00:00Z',
  });
  const subject = { stage: 'prod', port: 'op.a.b.c', subscription: 'sub.a.b.c' };

  it('cover what they name and nothing else; of several the widest counts', () => {
    const own = [
      pause({ kind: 'subscription', subscription: 'sub.a.b.c' }),
      pause({ kind: 'port', port: 'op.a.b.c' }),
      pause({ kind: 'stage', stage: 'prod' }),
    ];
    for (const each of own) expect(pauseFor({ pauses: [each] }, subject)).toBe(each);
    expect(pauseFor({ pauses: own }, subject)).toBe(own[2]);
    const others = [
      pause({ kind: 'subscription', subscription: 'sub.a.b.d' }),
      pause({ kind: 'port', port: 'op.a.b.d' }),
      pause({ kind: 'stage', stage: 'dev' }),
    ];
    expect(pauseFor({ pauses: others }, subject)).toBeUndefined();
    expect(pauseFor({ pauses: [pause({ kind: 'everything' })] }, subject)?.target).toEqual({ kind: 'everything' });
  });
});
