import type { Trigger } from '../../contracts/trigger.js';
import type { Verdict } from '../../contracts/verdict.js';
import type { ClaimOutcome, Decision, Ledger, LedgerEntry, Receipt, RecordOutcome } from '../../ports/ledger.js';

type Lease = Parameters<Ledger['claim']>[1];

/** A ledger in memory, equal to the one on Table Storage by contract suite. */
export function createMemoryLedger(): Ledger {
  return new MemoryLedger();
}

class MemoryLedger implements Ledger {
  private readonly verdicts = new Map<string, Verdict>();
  private readonly entries = new Map<string, LedgerEntry>();
  private readonly receipts = new Map<string, Receipt>();
  private writes = 0;

  async record(decisions: readonly Decision[]): Promise<RecordOutcome[]> {
    return decisions.map((decision) => this.recordOne(decision));
  }

  async claim(requests: readonly { triggerId: string }[], lease: Lease): Promise<ClaimOutcome[]> {
    return requests.map(({ triggerId }) => this.claimOne(triggerId, lease));
  }

  async markSent(triggers: readonly Trigger[], sentAt: string): Promise<void> {
    for (const { triggerId } of triggers) {
      const entry = this.entries.get(triggerId);
      if (!entry) continue;
      const { leaseUntil: _over, ...rest } = entry;
      this.write({ ...rest, state: 'sent', sentAt });
    }
  }

  async get(triggerId: string): Promise<LedgerEntry | undefined> {
    return this.entries.get(triggerId);
  }

  async listUnsent({ stage, beforeMs, limit }: Parameters<Ledger['listUnsent']>[0]): Promise<LedgerEntry[]> {
    return [...this.entries.values()]
      .filter(({ trigger, state }) => trigger.stage === stage && state !== 'sent')
      .filter(({ pendingSince }) => Date.parse(pendingSince) < beforeMs)
      .slice(0, limit);
  }

  async listVerdicts({ stages, signalId }: Parameters<Ledger['listVerdicts']>[0]): Promise<Verdict[]> {
    return [...this.verdicts.values()].filter(
      (verdict) => verdict.signalId === signalId && stages.includes(verdict.subscriptionStage),
    );
  }

  async listByConsumer({ stage, consumer, limit }: Parameters<Ledger['listByConsumer']>[0]): Promise<LedgerEntry[]> {
    return [...this.entries.values()]
      .filter(({ trigger }) => trigger.stage === stage && trigger.consumer === consumer)
      .sort((a, b) => Date.parse(b.trigger.decidedAt) - Date.parse(a.trigger.decidedAt))
      .slice(0, limit);
  }

  async addReceipt(receipt: Receipt): Promise<boolean> {
    const key = JSON.stringify([receipt.triggerId, receipt.eventId]);
    if (this.receipts.has(key)) return false;
    this.receipts.set(key, receipt);
    return true;
  }

  async listReceipts(triggerId: string): Promise<Receipt[]> {
    return [...this.receipts.values()]
      .filter((receipt) => receipt.triggerId === triggerId)
      .sort((a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt));
  }

  private write(entry: Omit<LedgerEntry, 'etag'>): LedgerEntry {
    const stored = { ...entry, etag: `W/"${++this.writes}"` };
    this.entries.set(entry.trigger.triggerId, stored);
    return stored;
  }

  private recordOne({ verdict, trigger }: Decision): RecordOutcome {
    const key = JSON.stringify([verdict.subscriptionStage, verdict.signalId, verdict.subscription]);
    const standing = this.verdicts.get(key);
    if (standing) return this.withEntry(standing);
    const first = trigger && this.entries.get(trigger.triggerId);
    if (first) {
      const firstEventId = first.trigger.inputs[0]?.eventId ?? '';
      const repeated: Verdict = { ...verdict, outcome: 'same-vector', firstEventId };
      this.verdicts.set(key, repeated);
      return { kind: 'same-vector', verdict: repeated };
    }
    this.verdicts.set(key, verdict);
    if (!trigger) return { kind: 'recorded', verdict };
    return {
      kind: 'recorded',
      verdict,
      entry: this.write({ trigger, state: 'pending', pendingSince: trigger.decidedAt }),
    };
  }

  private withEntry(verdict: Verdict): RecordOutcome {
    const entry = verdict.outcome === 'matched' ? this.entries.get(verdict.triggerId ?? '') : undefined;
    return entry ? { kind: 'stands', verdict, entry } : { kind: 'stands', verdict };
  }

  private claimOne(triggerId: string, { nowMs, leaseMs }: Lease): ClaimOutcome {
    const entry = this.entries.get(triggerId);
    if (!entry) return { kind: 'unknown' };
    if (entry.state === 'sent') return { kind: 'sent' };
    const { leaseUntil } = entry;
    if (entry.state === 'dispatching' && leaseUntil !== undefined && Date.parse(leaseUntil) > nowMs) {
      return { kind: 'leased', leaseUntil };
    }
    const claimed = this.write({ ...entry, state: 'dispatching', leaseUntil: new Date(nowMs + leaseMs).toISOString() });
    return { kind: 'claimed', etag: claimed.etag };
  }
}
