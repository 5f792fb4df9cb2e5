import { describe, expect, it } from 'vitest';
import type { SubscriptionEntry } from '../../../shared/contracts/registry.js';
import type { GateAnswer } from '../../../shared/contracts/verdict.js';
import { compileRegistry } from '../../../shared/domain/compiled-registry.js';
import { decide } from '../../../shared/domain/decide.js';
import { decisionsOf } from '../../fixtures/decisions.js';
import { registryDocument, schemaV3, sealedEvent, signal, subscription } from '../../fixtures/events.js';

const nowMs = Date.parse('2026-03-11T02:00:05Z');
const quality = { status: 'passed', ruleset: 'r@1', score: 0.9 } as const;

interface Case {
  given: string;
  when: string;
  subscription?: Partial<SubscriptionEntry>;
  event?: Parameters<typeof sealedEvent>[0];
  then: [gate: GateAnswer['gate'], answer: GateAnswer['answer'], code: string];
}

const cases: Case[] = [
  { given: 'a prod subscription', when: 'a prod seal arrives', then: ['stage', 'pass', 'ok'] },
  {
    given: 'a prod subscription',
    when: 'a dev seal arrives',
    event: { outputPort: { stage: 'dev' } },
    then: ['stage', 'fail', 'other-stage'],
  },
  {
    given: 'a subscription active from the watermark itself',
    when: 'that snapshot arrives',
    subscription: { activeFrom: '2026-03-11T00:00:00Z' },
    then: ['active-from', 'pass', 'ok'],
  },
  {
    given: 'a subscription active from one second after the watermark',
    when: 'that snapshot arrives',
    subscription: { activeFrom: '2026-03-11T00:00:01Z' },
    then: ['active-from', 'fail', 'before-active-from'],
  },
  {
    given: 'a subscription active from noon',
    when: 'an opaque batch mark occurs in the morning',
    subscription: { activeFrom: '2026-03-11T12:00:00Z' },
    event: { snapshot: { watermark: 'batch-118' } },
    then: ['active-from', 'fail', 'before-active-from'],
  },
  {
    given: 'a port of dp.sales.orders',
    when: 'another product seals it',
    event: { producer: { dataProduct: 'dp.finance.revenue' } },
    then: ['producer', 'fail', 'producer-not-owner'],
  },
  { given: 'range ^2.1', when: '2.1.0 arrives', then: ['version', 'pass', 'ok'] },
  {
    given: 'range ^2.1',
    when: '3.0.0 arrives',
    event: { outputPort: { version: '3.0.0' } },
    then: ['version', 'fail', 'outside-range'],
  },
  {
    given: 'range ^2.1',
    when: 'a pre-release of 2.2.0 arrives, as npm reads it',
    event: { outputPort: { version: '2.2.0-rc.1' } },
    then: ['version', 'fail', 'outside-range'],
  },
  {
    given: 'schema hashes of the contracts in range',
    when: 'one of them arrives',
    then: ['schema-hash', 'pass', 'ok'],
  },
  {
    given: 'schema hashes of the contracts in range',
    when: 'an undeclared version arrives with an unknown hash',
    event: { outputPort: { version: '2.2.0' }, snapshot: { schemaHash: schemaV3 } },
    then: ['schema-hash', 'fail', 'schema-not-accepted'],
  },
  {
    given: 'schema hashes of the contracts in range',
    when: 'an undeclared version arrives with a known hash',
    event: { outputPort: { version: '2.2.0' } },
    then: ['schema-hash', 'pass', 'ok'],
  },
  {
    given: 'a registered contract',
    when: 'its version is sealed with another hash',
    event: { snapshot: { schemaHash: schemaV3 } },
    then: ['schema-hash', 'fail', 'contract-breach'],
  },
  {
    given: 'explicitly accepted hashes',
    when: 'one of them arrives with an undeclared version',
    subscription: { schemaHashes: [schemaV3] },
    event: { outputPort: { version: '2.2.0' }, snapshot: { schemaHash: schemaV3 } },
    then: ['schema-hash', 'pass', 'ok'],
  },
  {
    given: 'explicitly accepted hashes',
    when: 'one of them arrives but contradicts the contract of its version',
    subscription: { schemaHashes: [schemaV3] },
    event: { snapshot: { schemaHash: schemaV3 } },
    then: ['schema-hash', 'fail', 'contract-breach'],
  },
  {
    given: 'explicitly accepted hashes',
    when: 'a hash that contradicts the contract is none of them',
    subscription: { schemaHashes: ['sha256:0000000000000000'] },
    event: { snapshot: { schemaHash: schemaV3 } },
    then: ['schema-hash', 'fail', 'schema-not-accepted'],
  },
  {
    given: 'a range without pre-releases',
    when: 'a pre-release of a version in range arrives',
    event: { outputPort: { version: '2.2.0-beta.1' } },
    then: ['version', 'fail', 'outside-range'],
  },
  {
    given: 'a range that names a pre-release',
    when: 'a later pre-release of the same version arrives',
    subscription: { versions: '^2.2.0-beta.1' },
    event: { outputPort: { version: '2.2.0-beta.2' } },
    then: ['version', 'pass', 'ok'],
  },
  {
    given: 'the lower end of a range',
    when: 'exactly that version arrives',
    subscription: { versions: '>=2.1.0 <3' },
    then: ['version', 'pass', 'ok'],
  },
  {
    given: 'accepted producers',
    when: 'the owner is one of them',
    subscription: { producers: ['dp.sales.orders'] },
    then: ['producer', 'pass', 'ok'],
  },
  {
    given: 'accepted producers',
    when: 'the owner is none of them',
    subscription: { producers: ['dp.sales.returns'] },
    then: ['producer', 'fail', 'producer-not-accepted'],
  },
  {
    given: 'a required ruleset',
    when: 'that ruleset was run',
    subscription: { minimumQuality: { status: 'passed', ruleset: 'r@1' } },
    event: { snapshot: { quality } },
    then: ['quality', 'pass', 'ok'],
  },
  {
    given: 'a required ruleset',
    when: 'another one was run',
    subscription: { minimumQuality: { status: 'passed', ruleset: 'r@2' } },
    event: { snapshot: { quality } },
    then: ['quality', 'fail', 'other-ruleset'],
  },
  {
    given: 'no circuit breaker',
    when: 'a snapshot arrives',
    then: ['circuit-breaker', 'pass', 'ok'],
  },
  {
    given: 'any subscription',
    when: '63 triggers led to the snapshot',
    event: { chainDepth: 63 },
    then: ['chain-depth', 'pass', 'ok'],
  },
  {
    given: 'any subscription',
    when: '64 triggers led to the snapshot',
    event: { chainDepth: 64 },
    then: ['chain-depth', 'fail', 'chain-too-deep'],
  },
  {
    given: 'minimum quality passed',
    when: 'a warned snapshot arrives',
    event: { snapshot: { quality: { ...quality, status: 'warned' } } },
    then: ['quality', 'fail', 'quality-below-minimum'],
  },
  {
    given: 'minimum quality warned',
    when: 'a warned snapshot arrives',
    subscription: { minimumQuality: { status: 'warned' } },
    event: { snapshot: { quality: { ...quality, status: 'warned' } } },
    then: ['quality', 'pass', 'ok'],
  },
  {
    given: 'minimum score 0.9',
    when: 'score 0.9 arrives',
    subscription: { minimumQuality: { status: 'passed', score: 0.9 } },
    event: { snapshot: { quality } },
    then: ['quality', 'pass', 'ok'],
  },
  {
    given: 'minimum score 0.91',
    when: 'score 0.9 arrives',
    subscription: { minimumQuality: { status: 'passed', score: 0.91 } },
    event: { snapshot: { quality } },
    then: ['quality', 'fail', 'score-below-minimum'],
  },
  {
    given: 'a minimum score',
    when: 'no score is given',
    subscription: { minimumQuality: { status: 'passed', score: 0.5 } },
    event: { snapshot: { quality: { status: 'passed', ruleset: 'r@1' } } },
    then: ['quality', 'fail', 'score-missing'],
  },
  {
    given: 'a limit of 120 minutes',
    when: 'a watermark 120 minutes old arrives',
    subscription: { freshness: { maxAgeMinutes: 120 } },
    then: ['freshness', 'pass', 'ok'],
  },
  {
    given: 'a limit of 119 minutes',
    when: 'a watermark 120 minutes old arrives',
    subscription: { freshness: { maxAgeMinutes: 119 } },
    then: ['freshness', 'fail', 'too-old'],
  },
];

describe('gates', () => {
  it.each(cases)('given $given, when $when, then $then', ({ subscription: changes, event, then }) => {
    const registry = compileRegistry('000001-abc', registryDocument([subscription(changes)]));

    const [decided] = decisionsOf(decide(signal(sealedEvent(event)), { registry, nowMs }));

    const answer = decided?.verdict.gates.find(({ gate }) => gate === then[0]);
    expect([answer?.gate, answer?.answer, answer?.code]).toEqual(then);
    const noes = decided?.verdict.gates.filter((gate) => gate.answer !== 'pass') ?? [];
    const held = noes.length > 0 && noes.every((gate) => gate.holds);
    expect(decided?.verdict.outcome).toBe(noes.length === 0 ? 'matched' : held ? 'held' : 'not-matched');
    expect(decided?.trigger === undefined).toBe(noes.length > 0 && !held);
  });

  it('shows every reason, not only the first', () => {
    const registry = compileRegistry('000001-abc', registryDocument());
    const event = sealedEvent({
      outputPort: { version: '3.0.0', stage: 'dev' },
      snapshot: { schemaHash: schemaV3, quality: { status: 'failed', ruleset: 'r@1' } },
    });

    const [decided] = decisionsOf(decide(signal(event), { registry, nowMs }));

    const failed = decided?.verdict.gates.filter(({ answer }) => answer === 'fail').map(({ gate }) => gate);
    expect(failed).toEqual(['stage', 'version', 'schema-hash', 'quality']);
  });

  it('records a gate that cannot answer as an error of its own, never as a silent no', () => {
    const registry = compileRegistry('000001-abc', registryDocument());
    const broken = { ...signal(), occurredAt: 'not a time', watermark: 'opaque' };

    const [decided] = decisionsOf(decide(broken, { registry, nowMs }));

    expect(decided?.verdict.outcome).toBe('error');
    expect(decided?.verdict.gates.find(({ gate }) => gate === 'active-from')?.code).toBe('gate-error');
    expect(decided?.trigger).toBeUndefined();
  });

  it('carries the whole evidence in the trigger', () => {
    const registry = compileRegistry('000001-abc', registryDocument());

    const [decided] = decisionsOf(decide(signal(), { registry, nowMs }));

    expect(decided?.trigger?.evidence).toEqual({
      verdictId: decided?.verdict.verdictId,
      registryVersion: '000001-abc',
      gates: decided?.verdict.gates,
    });
    expect(decided?.trigger?.inputs[0]?.snapshot.watermark).toBe('2026-03-11T00:00:00Z');
  });
});
