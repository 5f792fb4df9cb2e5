import type { Verdict } from '../../contracts/verdict.js';
import type { ClaimOutcome, Decision, Ledger, LedgerEntry, Receipt, RecordOutcome } from '../../ports/ledger.js';

/** A ledger in memory, equal to the one on Table Storage by contract suite. */
export function createMemoryLedger(): Ledger {
  const verdicts = new Map<string, Verdict>();
  const entries = new Map<string, LedgerEntry>();
  const receipts = new Map<string, Receipt>();
  let writes = 0;

  const keyOf = (verdict: Verdict): string =>
    JSON.stringify([verdict.subscriptionStage, verdict.signalId, verdict.subscription]);

  function write(entry: Omit<LedgerEntry, 'etag'>): LedgerEntry {
    const stored = { ...entry, etag: `W/"${++writes}"` };
    entries.set(entry.trigger.triggerId, stored);
    return stored;
  }

  function recordOne({ verdict, trigger }: Decision): RecordOutcome {
    const standing = verdicts.get(keyOf(verdict));
    if (standing) {
      const entry = standing.outcome === 'matched' ? entries.get(standing.triggerId ?? '') : undefined;
      return entry ? { kind: 'stands', verdict: standing, entry } : { kind: 'stands', verdict: standing };
    }
    const first = trigger && entries.get(trigger.triggerId);
    if (first) {
      const repeated: Verdict = {
        ...verdict,
        outcome: 'same-vector',
        firstEventId: first.trigger.inputs[0]?.eventId ?? '',
      };
      verdicts.set(keyOf(verdict), repeated);
      return { kind: 'same-vector', verdict: repeated };
    }
    verdicts.set(keyOf(verdict), verdict);
    if (!trigger) return { kind: 'recorded', verdict };
    return { kind: 'recorded', verdict, entry: write({ trigger, state: 'pending', pendingSince: trigger.decidedAt }) };
  }

  function claimOne(triggerId: string, { nowMs, leaseMs }: { nowMs: number; leaseMs: number }): ClaimOutcome {
    const entry = entries.get(triggerId);
    if (!entry) return { kind: 'unknown' };
    if (entry.state === 'sent') return { kind: 'sent' };
    const { leaseUntil } = entry;
    if (entry.state === 'dispatching' && leaseUntil !== undefined && Date.parse(leaseUntil) > nowMs) {
      return { kind: 'leased', leaseUntil };
    }
    const claimed = write({ ...entry, state: 'dispatching', leaseUntil: new Date(nowMs + leaseMs).toISOString() });
    return { kind: 'claimed', etag: claimed.etag };
  }

  return {
    record: (decisions) => Promise.resolve(decisions.map(recordOne)),
    claim: (requests, lease) => Promise.resolve(requests.map(({ triggerId }) => claimOne(triggerId, lease))),
    markSent(triggers, sentAt) {
      for (const { triggerId } of triggers) {
        const entry = entries.get(triggerId);
        if (!entry) continue;
        const { leaseUntil: _over, ...rest } = entry;
        write({ ...rest, state: 'sent', sentAt });
      }
      return Promise.resolve();
    },
    get: (triggerId) => Promise.resolve(entries.get(triggerId)),
    listUnsent({ stage, beforeMs, limit }) {
      const unsent = [...entries.values()].filter(
        ({ trigger, state, pendingSince }) =>
          trigger.stage === stage && state !== 'sent' && Date.parse(pendingSince) < beforeMs,
      );
      return Promise.resolve(unsent.slice(0, limit));
    },
    listVerdicts({ stages, signalId }) {
      const own = [...verdicts.values()].filter(
        (verdict) => verdict.signalId === signalId && stages.includes(verdict.subscriptionStage),
      );
      return Promise.resolve(own);
    },
    listByConsumer({ stage, consumer, limit }) {
      const own = [...entries.values()].filter(
        ({ trigger }) => trigger.stage === stage && trigger.consumer === consumer,
      );
      own.sort((a, b) => Date.parse(b.trigger.decidedAt) - Date.parse(a.trigger.decidedAt));
      return Promise.resolve(own.slice(0, limit));
    },
    addReceipt(receipt) {
      const key = JSON.stringify([receipt.triggerId, receipt.eventId]);
      if (receipts.has(key)) return Promise.resolve(false);
      receipts.set(key, receipt);
      return Promise.resolve(true);
    },
    listReceipts(triggerId) {
      const own = [...receipts.values()].filter((receipt) => receipt.triggerId === triggerId);
      return Promise.resolve(own.sort((a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt)));
    },
  };
}
