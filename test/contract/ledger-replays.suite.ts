import { beforeEach, describe, expect, it } from 'vitest';
import { compileRegistry } from '../../shared/domain/compiled-registry.js';
import { decide } from '../../shared/domain/decide.js';
import { decideAgain } from '../../shared/domain/decide-again.js';
import type { Decision } from '../../shared/domain/decision.js';
import { toRetractedSnapshot } from '../../shared/domain/retraction.js';
import type { Ledger, RecordOutcome } from '../../shared/ports/ledger.js';
import { decisionsOf } from '../fixtures/decisions.js';
import { registryDocument, sealedEvent, signal, subscription } from '../fixtures/events.js';

const wish = subscription();
const registry = compileRegistry('000001-abc', registryDocument([wish]));
const nowMs = Date.UTC(2026, 2, 11, 2);

interface Sealed {
  readonly eventId: string;
  readonly watermark: string;
  readonly version?: string;
}

const day = (n: number): string => new Date(Date.UTC(2026, 0, n)).toISOString();
const toSignal = ({ eventId, watermark, version = '2.1.0' }: Sealed) =>
  signal(sealedEvent({ eventId, snapshot: { watermark }, outputPort: { version } }));
const live = (...sealed: readonly Sealed[]): Decision[] =>
  sealed.flatMap((one) => decisionsOf(decide(toSignal(one), { registry, nowMs })));
const again = (name: string, force: boolean, sealed: readonly Sealed[]): Decision[] =>
  sealed.flatMap((one) => decisionsOf(decideAgain(toSignal(one), { registry, nowMs }, { name, reason: '', force })));
const snapshotOf = (one: Sealed) => ({
  stage: wish.stage,
  subscription: wish.key,
  ...toRetractedSnapshot(toSignal(one)),
});
const toText = ({ kind, verdict, ...outcome }: RecordOutcome): string => {
  const entry = 'entry' in outcome ? outcome.entry : undefined;
  return [verdict.eventId, kind, verdict.outcome, verdict.firstEventId ?? '-', entry?.state ?? '-'].join(' ');
};

const fired = { eventId: 'fired', watermark: day(1) };
const sealedTwice = { eventId: 'sealed-twice', watermark: day(1) };
const takenBack = { eventId: 'taken-back', watermark: day(2) };
const retractedFirst = { eventId: 'retracted-first', watermark: day(3) };
const otherVersion = { eventId: 'other-version', watermark: day(4), version: '2.2.0' };
const sameSnapshot = { eventId: 'same-snapshot', watermark: day(4) };
const unseen = { eventId: 'unseen', watermark: day(5) };
const unmatched = { eventId: 'unmatched', watermark: day(6), version: '3.0.0' };
const opaque = { eventId: 'opaque', watermark: 'batch 7' };
const all = [
  opaque,
  fired,
  sealedTwice,
  takenBack,
  retractedFirst,
  otherVersion,
  sameSnapshot,
  unseen,
  unmatched,
] as const;

/** What the ledger makes of a part of a replay. `open` gives an empty one. */
export function ledgerReplaysSuite(name: string, open: () => Promise<Ledger>): void {
  describe(`ledger, replays: ${name}`, () => {
    let ledger: Ledger;
    beforeEach(async () => {
      ledger = await open();
      await ledger.record(live(opaque, fired, takenBack, otherVersion, sameSnapshot, unmatched));
      await ledger.retract(snapshotOf(takenBack));
      await ledger.retract(snapshotOf(retractedFirst));
    });

    const expected = [
      'opaque same-vector same-vector opaque -',
      'fired same-vector same-vector fired -',
      'sealed-twice same-vector same-vector fired -',
      'taken-back same-vector same-vector taken-back -',
      'retracted-first recorded not-matched - -',
      'other-version same-vector same-vector other-version -',
      'same-snapshot same-vector same-vector same-snapshot -',
      'unseen recorded matched - pending',
      'unmatched recorded not-matched - -',
    ];

    it('fire only what never fired and was not taken back', async () => {
      expect((await ledger.record(again('again', false, all))).map(toText)).toEqual(expected);
    });

    it('are the same when other snapshots lie between', async () => {
      const others = Array.from({ length: 300 }, (_, n) => {
        return { eventId: `other-${n}`, watermark: new Date(Date.UTC(2026, 0, 2, 0, n)).toISOString() };
      });
      await ledger.record(live(...others));

      expect((await ledger.record(again('again', false, all))).map(toText)).toEqual(expected);
    });

    it('stand when a part is run once more', async () => {
      await ledger.record(again('again', false, all));

      const outcomes = await ledger.record(again('again', false, all));

      expect(outcomes.map(({ kind }) => kind)).toEqual(all.map(() => 'stands'));
      expect(outcomes.map(({ verdict }) => verdict.outcome)).toEqual(expected.map((text) => text.split(' ')[2]));
    });

    it('fire again by force under ids of their own, which a retraction takes back too', async () => {
      const outcomes = await ledger.record(again('forced', true, [fired, otherVersion, sameSnapshot, retractedFirst]));

      expect(outcomes.map(toText)).toEqual([
        'fired recorded matched - pending',
        'other-version recorded matched - pending',
        'same-snapshot recorded matched - pending',
        'retracted-first recorded not-matched - -',
      ]);
      expect((await ledger.retract(snapshotOf(sameSnapshot))).withdrawn.map(({ cause }) => cause).sort()).toEqual([
        'live',
        'live',
        'replay',
        'replay',
      ]);
    });
  });
}
