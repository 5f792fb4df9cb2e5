import { describe, expect, it } from 'vitest';
import { AuditQuery, SignalsQuery, VerdictsQuery } from '../../../shared/contracts/api/queries.js';
import { ReplayRequest } from '../../../shared/contracts/api/operations.js';
import type { Outcome } from '../../../shared/contracts/api/operator-problem.js';
import { readQuery } from '../../../cli/listing/read-query.js';
import { pause } from '../../../shared/pipeline/operators/change-controls.js';
import { explain } from '../../../shared/pipeline/operators/explain.js';
import { queryTriggers } from '../../../shared/pipeline/operators/query-ledger.js';
import { querySets } from '../../../shared/pipeline/operators/query-sets.js';
import { querySignals } from '../../../shared/pipeline/operators/query-signals.js';
import { listDeadLetters, redrive } from '../../../shared/pipeline/operators/redrive.js';
import { startReplay } from '../../../shared/pipeline/operators/replays.js';
import { registryDocument, sealedEvent, subscription } from '../../fixtures/events.js';
import { openOperatorWorld } from '../../support/operator-world.js';

const openWorld = () => openOperatorWorld(registryDocument([subscription()]));
const ada = { actor: 'ada' };

function refusalOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? 'done' : `${outcome.problem.code}: ${outcome.problem.detail}; ${outcome.problem.next}`;
}

describe('a slip of the pen', () => {
  it('pauses nothing that does not exist, and says so', async () => {
    const { deps } = await openWorld();
    const targets = [
      { kind: 'stage' as const, stage: 'prd' },
      { kind: 'port' as const, port: 'op.sales.orders.dayly' },
      { kind: 'subscription' as const, subscription: 'sub.finance.revenue.order' },
    ];
    for (const target of targets) {
      expect(refusalOf(await pause({ target, reason: 'x' }, ada, deps))).toMatch(/^not-found: /);
    }
    expect((await deps.controlStore.read()).pauses).toEqual([]);
    expect((await deps.auditLog.list({ limit: 9 })).items).toEqual([]);
  });

  it('in a stage is no empty list', async () => {
    const { deps } = await openWorld();
    const page = { stage: 'prd', limit: 9 };
    const answers = [
      await querySignals({ ...page, scan: false }, deps),
      await queryTriggers({ ...page, state: 'held', scan: false }, deps),
      await querySets({ ...page, subscription: subscription().key, fired: false }, deps),
    ];
    for (const answer of answers) {
      expect(refusalOf(answer)).toBe('invalid-request: there is no stage prd; name one of dev, test, prod');
    }
  });

  it('starts no replay, and uses up no name', async () => {
    const { deps } = await openWorld();
    const start = (selection: ReplayRequest['selection'], dryRun = false) =>
      startReplay({ name: 'again', selection, reason: '', ratePerSecond: 1, dryRun }, { ...ada, force: false }, deps);
    const port = subscription().port ?? '';

    expect(refusalOf(await start({ kind: 'signal', eventId: 'e-4711' }))).toMatch(/^not-found: no signal of event/);
    expect(refusalOf(await start({ kind: 'signal', eventId: 'e-4711' }, true))).toMatch(/^not-found/);
    expect(refusalOf(await start({ kind: 'port', port, stage: 'prd' }))).toMatch(/^not-found: there is no stage/);
    expect(await deps.replayStore.get('again')).toBeUndefined();
  });

  it('asks for the dead letters of nobody', async () => {
    const { deps } = await openWorld();
    const none = { peek: () => Promise.resolve(undefined), redrive: () => Promise.resolve(undefined) };
    const acting = { ...deps, deadLetters: none };
    expect(refusalOf(await listDeadLetters({ consumer: 'dp.no.one', limit: 1 }, acting))).toMatch(
      /^not-found: consumer/,
    );
    const request = { consumer: 'dp.no.one', limit: 1, reason: 'x' };
    expect(refusalOf(await redrive(request, 'ada', acting))).toMatch(/^not-found: consumer dp.no.one has no channel/);
    expect(refusalOf(await redrive({ ...request, queue: 'dispatch' }, 'ada', acting))).toMatch(/^invalid-request/);
  });

  it('explains an event for a subscription that it does not concern as that', async () => {
    const world = await openWorld();
    await world.publish(sealedEvent({ eventId: 'e-1' }));

    const answer = await explain({ id: 'e-1', subscription: 'sub.finance.revenue.other' }, world.deps);

    expect(refusalOf(answer)).toMatch(/^not-found: event e-1 does not concern sub.finance.revenue.other/);
  });

  it.each([
    [
      SignalsQuery,
      { limit: 'abc', from: 'yesterday' },
      [],
      ['--limit: must be a whole number from 1 to 500', '--from: '],
    ],
    [AuditQuery, { limit: '501' }, [], ['--limit: must be a whole number from 1 to 500']],
    [VerdictsQuery, { subscription: 'x' }, ['subscription'], ['<subscription>: must look like']],
    [
      ReplayRequest,
      { name: 'X', selection: { kind: 'port', port: 'op.a.b.c' } },
      ['name'],
      ['<name>: must be', '--stage: is needed here'],
    ],
  ] as const)('is told by the name of its option or argument (%#)', (schema, options, positional, expected) => {
    const read = () => readQuery(schema, options, positional);
    for (const text of expected) expect(read).toThrow(text);
  });
});
