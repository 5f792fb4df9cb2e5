import type { Verdict } from '../../contracts/verdict.js';
import type { LedgerEntry } from '../../ports/ledger.js';
import { isListed, type LedgerQueries } from '../../ports/ledger-queries.js';
import { type MemoryLedgerRows, toSetKey, toSnapshotKey } from './ledger-rows.js';
import { toMemoryPage, toNewestFirstText, toOldestFirstText } from './page.js';
import { isOpen, toRetracted } from './retracted.js';

type TriggerFilter = Parameters<LedgerQueries['listTriggers']>[0];
type VerdictFilter = Parameters<LedgerQueries['listVerdicts']>[0];

/** Queries over the rows of a ledger in memory. */
export function createMemoryLedgerQueries(rows: MemoryLedgerRows): LedgerQueries {
  const { entries, verdicts, receipts, sets, snapshots } = rows;
  return {
    listTriggers(filter, page) {
      const own = [...entries.values()].filter((entry) => isWantedEntry(entry, filter));
      const time = filter.by.kind === 'consumer' ? toNewestFirstText : toOldestFirstText;
      const toKey = ({ trigger }: LedgerEntry): string => `${time(Date.parse(trigger.decidedAt))}!${trigger.triggerId}`;
      return Promise.resolve(toMemoryPage(own, toKey, page));
    },
    listVerdicts(filter, page) {
      const own = [...verdicts.values()].filter((verdict) => isWantedVerdict(verdict, filter));
      const toKey = ({ decidedAt, signalId, replay, release }: Verdict): string =>
        `${toNewestFirstText(Date.parse(decidedAt))}!${signalId}!${replay ?? release ?? ''}`;
      return Promise.resolve(toMemoryPage(own, toKey, page));
    },
    listSets({ stages, subscription }, page) {
      const own = [...sets].flatMap(([key, stored]) => {
        const [stage = '', owner = '', set = ''] = JSON.parse(key) as string[]; // written by toSetKey
        return owner === subscription && stages.includes(stage) ? [{ stage, subscription, set, ...stored }] : [];
      });
      return Promise.resolve(toMemoryPage(own, ({ set }) => set, page));
    },
    getSet(key) {
      const stored = sets.get(toSetKey(key));
      return Promise.resolve(stored && { ...key, ...stored });
    },
    findRetractable(asked) {
      const known = snapshots.get(toSnapshotKey(asked, asked));
      const met = (known?.triggerIds ?? []).flatMap((id) => entries.get(id) ?? []);
      const taken = met.map((entry) => (isOpen(entry) ? { ...entry, state: 'withdrawn' as const } : entry));
      return Promise.resolve({ ...toRetracted(taken, entries), marked: known?.retracted ?? false });
    },
    findReceipts({ stages, eventId }) {
      const own = [...receipts.values()].filter((receipt) => receipt.eventId === eventId);
      return Promise.resolve(own.filter(({ triggerId }) => stages.includes(triggerId.split('.')[0] ?? '')));
    },
  };
}

function isWantedEntry({ trigger, state }: LedgerEntry, { stages, by, consumer, states }: TriggerFilter): boolean {
  if (!stages.includes(trigger.stage)) return false;
  if (by.kind === 'consumer' && trigger.consumer !== by.consumer) return false;
  if (by.kind === 'unsent' && state !== 'pending' && state !== 'dispatching') return false;
  if ((by.kind === 'held' || by.kind === 'refused') && state !== by.kind) return false;
  return (consumer === undefined || trigger.consumer === consumer) && (states === undefined || states.includes(state));
}

function isWantedVerdict(verdict: Verdict, filter: VerdictFilter): boolean {
  const { stages, subscription, outcome, fromMs, beforeMs } = filter;
  const decidedAtMs = Date.parse(verdict.decidedAt);
  if (verdict.subscription !== subscription || !stages.includes(verdict.subscriptionStage)) return false;
  if (!isListed(verdict) || (outcome !== undefined && verdict.outcome !== outcome)) return false;
  return (fromMs === undefined || decidedAtMs >= fromMs) && (beforeMs === undefined || decidedAtMs < beforeMs);
}
