import { describe, expect, it } from 'vitest';
import type { PortState } from '../../../shared/contracts/port-state.js';
import type { RegistryDocument } from '../../../shared/contracts/registry.js';
import { freshPortState } from '../../../shared/domain/circuit-breaker.js';
import { compileRegistry } from '../../../shared/domain/compiled-registry.js';
import { decide, toRememberedPorts } from '../../../shared/domain/decide.js';
import { findHolds, type PauseOf } from '../../../shared/domain/holds.js';
import { decisionsOf } from '../../fixtures/decisions.js';
import { registryDocument, schemaV3, sealedEvent, signal, subscription } from '../../fixtures/events.js';

const nowMs = Date.parse('2026-03-11T02:00:05Z');
const port = 'op.sales.orders.daily';

/** Consuming the orders needs an entitlement; revenue's ends at `expires`, or was never given. */
function guarded(expires?: string): RegistryDocument {
  const who = { owner: 'team-sales', reason: 'personal data' };
  const grant = { kind: 'Entitlement' as const, key: 'ent.sales.orders.finance', product: 'dp.finance.revenue', port };
  return {
    ...registryDocument(),
    policies: [{ kind: 'Policy', key: 'pol.sales.orders', ...who, rule: 'entitlement', ports: [port] }],
    entitlements: expires === undefined ? [] : [{ ...grant, ...who, may: 'consume', stages: ['prod'], expires }],
  };
}

function decideOne(document: RegistryDocument, portState?: PortState, pauseOf?: PauseOf, event = sealedEvent()) {
  const registry = compileRegistry('000001-a', document);
  const portStates = new Map(portState ? [[port, portState]] : []);
  const [decision] = decisionsOf(decide(signal(event), { registry, nowMs, portStates, pauseOf }));
  if (!decision) throw new Error('one subscription, one decision');
  return {
    ...decision,
    holdsWith: (later: RegistryDocument, atMs = nowMs) => {
      if (!decision.trigger) throw new Error('a held decision has a trigger');
      const context = {
        registry: compileRegistry('000002-b', later),
        portStates: new Map<string, PortState>(),
        nowMs: atMs,
      };
      return findHolds(decision.trigger, context).map(({ code }) => code);
    },
  };
}

const withBreaker = (): RegistryDocument => {
  const document = registryDocument();
  const circuitBreaker = { failures: 2, coolDownMinutes: 30, closeAfter: 1 };
  return { ...document, ports: document.ports.map((entry) => ({ ...entry, circuitBreaker })) };
};
const openSince = (openedAt: string): PortState => ({
  ...freshPortState,
  breaker: { state: 'open', failuresInRow: 2, goodInRow: 0, openedAt },
});

describe('an entitlement to consume', () => {
  it('that is valid lets the trigger go', () => {
    expect(decideOne(guarded('2026-03-11T02:00:06Z'))).toMatchObject({
      verdict: { outcome: 'matched' },
      initial: 'pending',
    });
  });

  it('that has ended holds the trigger, names the owner, and lets go when it is renewed', () => {
    const held = decideOne(guarded('2026-03-11T02:00:05Z'));

    expect(held).toMatchObject({ verdict: { outcome: 'held' }, initial: 'held' });
    expect(held.trigger?.heldFor).toMatchObject([{ code: 'entitlement-expired', owner: 'team-sales' }]);
    expect(held.holdsWith(guarded('2026-03-11T02:00:05Z'))).toEqual(['entitlement-expired']);
    expect(held.holdsWith(guarded('2027-01-01T00:00:00Z'))).toEqual([]);
  });

  it('that was never given is a no', () => {
    const { verdict, trigger } = decideOne(guarded());

    expect(verdict.outcome).toBe('not-matched');
    expect(verdict.gates.find(({ gate }) => gate === 'entitlement')?.code).toBe('not-entitled');
    expect(trigger).toBeUndefined();
  });
});

describe('a contract breach', () => {
  it('holds the trigger, names the producer, and lets go when the registry takes the new hash', () => {
    const event = sealedEvent({ snapshot: { schemaHash: schemaV3 } });
    const document = registryDocument();
    const mended = {
      ...document,
      ports: document.ports.map((entry) => ({ ...entry, contracts: [{ version: '2.1.0', schemaHash: schemaV3 }] })),
    };

    const held = decideOne(document, undefined, undefined, event);

    expect(held.verdict.outcome).toBe('held');
    expect(held.trigger?.heldFor?.[0]).toMatchObject({ code: 'contract-breach', owner: 'team-sales' });
    expect(held.trigger?.heldFor?.[0]?.reason).toContain('dp.sales.orders sealed 2.1.0');
    expect(held.holdsWith(document)).toEqual(['contract-breach']);
    expect(held.holdsWith(mended)).toEqual([]);
  });
});

describe('a circuit breaker', () => {
  it.each([
    ['open', '2026-03-11T01:59:00Z', 'held', 'circuit-breaker'],
    ['half-open', '2026-03-11T01:30:05Z', 'held', 'circuit-breaker'],
  ])('that is %s holds', (phase, openedAt, outcome, code) => {
    const { verdict } = decideOne(withBreaker(), openSince(openedAt));

    const answer = verdict.gates.find(({ gate }) => gate === 'circuit-breaker');
    expect([verdict.outcome, answer?.code, answer?.facts['phase']]).toEqual([outcome, code, phase]);
  });

  it('that is closed does not', () => {
    expect(decideOne(withBreaker(), freshPortState).verdict.outcome).toBe('matched');
  });

  it('is asked for only where a port has one, or a version is outside a range', () => {
    const remembered = (document: RegistryDocument, event = sealedEvent()): string[] =>
      toRememberedPorts(signal(event), compileRegistry('000001-a', document));

    expect(remembered(registryDocument())).toEqual([]);
    expect(remembered(withBreaker())).toEqual([port]);
    expect(remembered(registryDocument(), sealedEvent({ outputPort: { version: '3.0.0' } }))).toEqual([port]);
  });
});

describe('an announced breaking version', () => {
  const seal = sealedEvent({ outputPort: { version: '3.0.0' }, snapshot: { schemaHash: schemaV3 } });
  const announced: PortState = {
    ...freshPortState,
    shadows: { 3: { version: '3.0.0', eventId: 'e', announcedAt: '2026-03-01T00:00:00Z' } },
  };

  it('makes a no of the range alone a shadow', () => {
    expect(decideOne(registryDocument(), announced, undefined, seal).verdict.outcome).toBe('shadow');
    expect(decideOne(registryDocument(), undefined, undefined, seal).verdict.outcome).toBe('not-matched');
  });

  it('makes no shadow when another gate says no too', () => {
    const poor = { ...seal, snapshot: { ...seal.snapshot, quality: { status: 'failed' as const, ruleset: 'r' } } };

    expect(decideOne(registryDocument(), announced, undefined, poor).verdict.outcome).toBe('not-matched');
  });
});

describe('a pause', () => {
  it('holds what it covers', () => {
    const pauseOf: PauseOf = ({ subscription: key }) =>
      key === subscription().key ? { code: 'paused', reason: 'stopped by ada: backfill' } : undefined;

    expect(decideOne(registryDocument(), undefined, pauseOf)).toMatchObject({
      initial: 'held',
      verdict: { outcome: 'held' },
      trigger: { heldFor: [{ code: 'paused' }] },
    });
  });
});
