import { describe, expect, it } from 'vitest';
import type { EntitlementEntry } from '../../../shared/contracts/registry/entitlement.js';
import { PolicyEntry } from '../../../shared/contracts/registry/policy.js';
import { checkAdmission } from '../../../shared/domain/admission.js';
import { compileRegistry, wishesFor } from '../../../shared/domain/compiled-registry.js';
import { answerGates } from '../../../shared/domain/gates.js';
import { entitlementFor } from '../../../shared/domain/registry/entitlements.js';
import { registryDocument, sealedEvent, signal } from '../../fixtures/events.js';

const noon = Date.parse('2026-03-11T12:00:00Z');
const grant = (overrides: Partial<EntitlementEntry> = {}): EntitlementEntry => ({
  kind: 'Entitlement',
  key: 'ent.sales.orders.finance',
  product: 'dp.finance.revenue',
  may: 'consume',
  port: 'op.sales.orders.daily',
  stages: ['prod'],
  owner: 'team-sales',
  reason: 'revenue reporting',
  ...overrides,
});
const policy = PolicyEntry.parse({
  kind: 'Policy',
  key: 'pol.sales.closed',
  owner: 'team-sales',
  reason: 'orders hold personal data',
  rule: 'entitlement',
  ports: ['op.sales.**'],
});
const registry = (entitlements: EntitlementEntry[], policies = [policy]) =>
  compileRegistry('000001-a', { ...registryDocument(), entitlements, policies });
const consume = {
  product: 'dp.finance.revenue',
  port: 'op.sales.orders.daily',
  stage: 'prod',
  may: 'consume',
} as const;
const publish = { ...consume, may: 'publish' } as const;

describe('entitlements', () => {
  it('are asked for only where a policy says so', () => {
    expect(entitlementFor(registry([], []), consume, noon)).toBe('not-required');
    expect(entitlementFor(registry([]), { ...consume, port: 'op.crm.customers.current' }, noon)).toBe('not-required');
    expect(entitlementFor(registry([]), consume, noon)).toBe('missing');
  });

  it('hold in their stages only', () => {
    expect(entitlementFor(registry([grant()]), consume, noon)).toBe('valid');
    expect(entitlementFor(registry([grant()]), { ...consume, stage: 'dev' }, noon)).toBe('missing');
  });

  it('hold until the instant they expire, excluded', () => {
    const until = registry([grant({ expires: '2026-03-11T12:00:00Z' })]);
    expect(entitlementFor(until, consume, noon - 1)).toBe('valid');
    expect(entitlementFor(until, consume, noon)).toEqual({ expiredAt: '2026-03-11T12:00:00Z' });
  });

  it('count together: one good one is enough, of expired ones the last is named', () => {
    const old = grant({ key: 'ent.sales.orders.old', expires: '2025-01-01T00:00:00Z' });
    const recent = grant({ key: 'ent.sales.orders.recent', expires: '2026-01-01T00:00:00Z' });
    expect(entitlementFor(registry([old, recent]), consume, noon)).toEqual({ expiredAt: '2026-01-01T00:00:00Z' });
    expect(entitlementFor(registry([old, recent, grant()]), consume, noon)).toBe('valid');
  });

  it('to consume do not allow to publish', () => {
    expect(entitlementFor(registry([grant()]), publish, noon)).toBe('missing');
    expect(entitlementFor(registry([grant({ may: 'publish' })]), publish, noon)).toBe('valid');
    expect(entitlementFor(registry([grant({ may: 'publish' })]), consume, noon)).toBe('missing');
  });

  it('are not needed by the owner to publish', () => {
    expect(entitlementFor(registry([]), { ...publish, product: 'dp.sales.orders' }, noon)).toBe('not-required');
  });
});

describe('publishing for a port of somebody else', () => {
  const event = sealedEvent({ producer: { dataProduct: 'dp.finance.revenue', domain: 'finance' } });
  const admit = (entitlements: EntitlementEntry[], receivedAtMs = noon) =>
    checkAdmission(event, { registry: registry(entitlements), stages: ['prod'], receivedAtMs });

  it('is refused without an entitlement, naming the owner', () => {
    expect(admit([])).toMatchObject({ reason: 'producer-not-owner' });
    expect(admit([])?.problems[0]?.message).toContain('dp.sales.orders does');
  });

  it('is admitted with one, and its signal passes the producer gate', () => {
    const entitlements = [grant({ may: 'publish' })];
    expect(admit(entitlements)).toBeUndefined();
    const compiled = registry(entitlements);
    const wish = wishesFor(compiled, 'op.sales.orders.daily')[0]!;
    const gates = answerGates({ signal: signal(event), wish, registry: compiled, nowMs: noon });
    expect(gates.find(({ gate }) => gate === 'producer')).toMatchObject({ answer: 'pass' });
  });

  it('is refused once the entitlement has ended, by the time of receipt', () => {
    const entitlements = [grant({ may: 'publish', expires: '2026-03-11T12:00:00Z' })];
    expect(admit(entitlements, noon - 1)).toBeUndefined();
    expect(admit(entitlements, noon)?.problems[0]?.message).toContain('ended at 2026-03-11T12:00:00Z');
  });

  it('must not claim another domain than its own', () => {
    const wrong = sealedEvent({ producer: { dataProduct: 'dp.finance.revenue', domain: 'sales' } });
    const context = { registry: registry([grant({ may: 'publish' })]), stages: ['prod'], receivedAtMs: noon };
    expect(checkAdmission(wrong, context)?.problems[0]?.path).toBe('producer.domain');
  });
});
