import type { Verdict } from '../../contracts/verdict.js';
import type { FlowState } from '../../contracts/flow-state.js';
import type { Hold, Trigger, TriggerRef } from '../../contracts/trigger.js';
import { type Decision, toRetractedBefore, toSameVector } from '../../domain/decision.js';
import type { ReleasePlan } from '../../domain/flow/plan-release.js';
import type { SetArrival } from '../../domain/input-set/arrival.js';
import { toSnapshots } from '../../domain/trigger.js';
import { heldPerPlan, type SubscriptionRef } from '../../ports/held-triggers.js';
import type { Receipt } from '../../contracts/receipt.js';
import {
  type ClaimOutcome,
  isUnsent,
  type Ledger,
  type LedgerEntry,
  mayHaveLeft,
  type RecordOutcome,
  type Retracted,
  type SetChange,
  type SentTrigger,
  type SetChangeOutcome,
  toFirstState,
  type TriggerRefusal,
} from '../../ports/ledger.js';
import { MemoryLedgerRows, toSetKey } from './ledger-rows.js';
import { isOpen, toRetracted } from './retracted.js';

type Lease = Parameters<Ledger['claim']>[1];

/** A ledger in memory, equal to the one on Table Storage by contract suite. */
export function createMemoryLedger(rows = new MemoryLedgerRows()): Ledger {
  return new MemoryLedger(rows);
}

class MemoryLedger implements Ledger {
  constructor(private readonly rows: MemoryLedgerRows) {}

  async record(decisions: readonly Decision[]): Promise<RecordOutcome[]> {
    return decisions.map((decision) => this.recordOne(decision));
  }

  async join(arrivals: readonly SetArrival[]): Promise<RecordOutcome[]> {
    return arrivals.map((arrival) => {
      const standing = this.rows.verdicts.get(toVerdictKey(arrival.verdict));
      if (standing) return this.withEntry(standing);
      const key = toSetKey(arrival);
      const { set, decision } = arrival.advance(this.rows.sets.get(key)?.state);
      this.rows.sets.set(key, { state: set, etag: this.rows.nextEtag() });
      return this.recordOne(decision);
    });
  }

  async changeSet({ etag, to, decision, ...place }: SetChange): Promise<SetChangeOutcome> {
    const key = toSetKey(place);
    if (this.rows.sets.get(key)?.etag !== etag) return { kind: 'changed' };
    const first = decision?.trigger && this.rows.entries.get(decision.trigger.triggerId);
    if (first) return { kind: 'fired-before', triggerId: first.trigger.triggerId };
    if (this.rows.isRetracted(decision?.trigger)) return { kind: 'retracted' };
    this.rows.sets.set(key, { state: to, etag: this.rows.nextEtag() });
    const recorded = decision && this.recordOne(decision);
    return recorded?.kind === 'recorded' && recorded.entry
      ? { kind: 'stored', entry: recorded.entry }
      : { kind: 'stored' };
  }

  async retract(request: SubscriptionRef & { name: string; revision: number }): Promise<Retracted> {
    const snapshot = this.rows.snapshotOf(request.subscription, request.stage, request);
    snapshot.retracted = true;
    const met = snapshot.triggerIds.flatMap((id) => this.withdraw(id) ?? []);
    for (const entry of met) this.letGo(entry);
    return toRetracted(met, this.rows.entries);
  }

  async listHeldSubscriptions(stage: string): Promise<string[]> {
    const held = [...this.rows.entries.values()].filter(
      ({ trigger, state }) => state === 'held' && trigger.stage === stage,
    );
    return [...new Set(held.map(({ trigger }) => trigger.subscription))];
  }

  async listHeld(ref: SubscriptionRef, limit: number): Promise<Trigger[]> {
    return this.rows.heldOf(ref).slice(0, limit);
  }

  async regulate(
    ref: SubscriptionRef,
    plan: (held: readonly Trigger[], flow: FlowState) => ReleasePlan,
  ): Promise<{ released: LedgerEntry[]; more: boolean }> {
    const key = JSON.stringify([ref.stage, ref.subscription]);
    const held = this.rows.heldOf(ref).slice(0, heldPerPlan);
    const planned = plan(held, this.rows.flows.get(key) ?? { releasedAt: [] });
    const { at, release, absorb, keep, flow, more } = planned;
    if (release.length + absorb.length + keep.length === 0) return { released: [], more: false };
    this.rows.flows.set(key, flow);
    for (const { trigger, into } of absorb)
      this.rows.change(trigger.triggerId, { state: 'absorbed', absorbedInto: into });
    for (const trigger of keep) this.rows.change(trigger.triggerId, { trigger });
    const released = release.flatMap(
      (trigger) => this.rows.change(trigger.triggerId, { trigger, state: 'pending', pendingSince: at }) ?? [],
    );
    return { released, more };
  }

  async hold(trigger: TriggerRef, heldFor: readonly Hold[]): Promise<boolean> {
    const entry = this.rows.entries.get(trigger.triggerId);
    if (entry?.state !== 'pending') return false;
    const body = { ...entry.trigger, heldFor: [...(entry.trigger.heldFor ?? []), ...heldFor] };
    this.rows.change(trigger.triggerId, { state: 'held', trigger: body });
    return true;
  }

  async claim(requests: readonly { triggerId: string }[], lease: Lease): Promise<ClaimOutcome[]> {
    return requests.map(({ triggerId }) => this.claimOne(triggerId, lease));
  }

  async markSent(triggers: readonly SentTrigger[], sentAt: string): Promise<void> {
    for (const { triggerId } of triggers) {
      const entry = this.rows.entries.get(triggerId);
      if (!entry) continue;
      const { leaseUntil: _over, ...rest } = entry;
      this.rows.write({ ...rest, state: 'sent', sentAt });
    }
  }

  async markRefused(refusals: readonly TriggerRefusal[]): Promise<void> {
    for (const { triggerId, reason, reopenedAt } of refusals) {
      const entry = this.rows.entries.get(triggerId);
      if (entry === undefined || !isUnsent(entry) || entry.reopenedAt !== reopenedAt) continue;
      const { leaseUntil: _over, ...rest } = entry;
      this.rows.write({ ...rest, state: 'refused', refusedFor: reason });
    }
  }

  async reopen(triggerId: string, at: string): Promise<boolean> {
    const entry = this.rows.entries.get(triggerId);
    if (entry === undefined || !(isUnsent(entry) || entry.state === 'refused')) return false;
    const { refusedFor: _over, ...rest } = entry;
    this.rows.write({ ...rest, state: entry.state === 'refused' ? 'pending' : entry.state, reopenedAt: at });
    return true;
  }

  async get(triggerId: string): Promise<LedgerEntry | undefined> {
    return this.rows.entries.get(triggerId);
  }

  async listUnsent({ stage, beforeMs, limit }: Parameters<Ledger['listUnsent']>[0]): Promise<LedgerEntry[]> {
    return [...this.rows.entries.values()]
      .filter((entry) => entry.trigger.stage === stage && isUnsent(entry))
      .filter(({ trigger }) => Date.parse(trigger.decidedAt) < beforeMs)
      .slice(0, limit);
  }

  async listVerdicts({ stages, signalId }: Parameters<Ledger['listVerdicts']>[0]): Promise<Verdict[]> {
    return [...this.rows.verdicts.values()].filter(
      (verdict) => verdict.signalId === signalId && stages.includes(verdict.subscriptionStage),
    );
  }

  async listByConsumer({ stage, consumer, limit }: Parameters<Ledger['listByConsumer']>[0]): Promise<LedgerEntry[]> {
    return [...this.rows.entries.values()]
      .filter(({ trigger }) => trigger.stage === stage && trigger.consumer === consumer)
      .sort((a, b) => Date.parse(b.trigger.decidedAt) - Date.parse(a.trigger.decidedAt))
      .slice(0, limit);
  }

  async addReceipt(receipt: Receipt): Promise<boolean> {
    const key = JSON.stringify([receipt.triggerId, receipt.eventId]);
    if (this.rows.receipts.has(key)) return false;
    this.rows.receipts.set(key, receipt);
    return true;
  }

  async listReceipts(triggerId: string): Promise<Receipt[]> {
    return [...this.rows.receipts.values()]
      .filter((receipt) => receipt.triggerId === triggerId)
      .sort((a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt));
  }

  private recordOne(decision: Decision): RecordOutcome {
    const { verdict, trigger } = decision;
    const standing = this.rows.verdicts.get(toVerdictKey(verdict));
    if (standing) return this.withEntry(standing);
    const first = trigger && this.rows.entries.get(trigger.triggerId);
    if (first) {
      const repeated = toSameVector(verdict, first.trigger.inputs[0]?.eventId ?? '');
      this.rows.verdicts.set(toVerdictKey(verdict), repeated);
      return { kind: 'same-vector', verdict: repeated };
    }
    const settled = this.rows.isRetracted(trigger) ? { verdict: toRetractedBefore(verdict) } : decision;
    this.rows.verdicts.set(toVerdictKey(verdict), settled.verdict);
    return this.store(settled);
  }

  private store(decision: Decision): RecordOutcome {
    const { verdict, trigger } = decision;
    if (!trigger) return { kind: 'recorded', verdict };
    for (const snapshot of trigger.kind === 'trigger' ? toSnapshots(trigger) : []) {
      this.rows.snapshotOf(trigger.subscription, trigger.stage, snapshot).triggerIds.push(trigger.triggerId);
    }
    const entry = this.rows.write({ trigger, ...toFirstState(decision), pendingSince: trigger.decidedAt });
    return { kind: 'recorded', verdict, entry };
  }

  private withdraw(triggerId: string): LedgerEntry | undefined {
    const entry = this.rows.entries.get(triggerId);
    const open = entry && isOpen(entry);
    return open ? this.rows.change(triggerId, { state: 'withdrawn' }) : entry;
  }

  /** What stood behind a trigger that never left waits again by itself. */
  private letGo(withdrawn: LedgerEntry): void {
    const into = withdrawn.trigger.triggerId;
    if (withdrawn.state !== 'withdrawn' || mayHaveLeft(withdrawn)) return;
    for (const other of this.rows.entries.values()) {
      if (other.state !== 'absorbed' || other.absorbedInto !== into) continue;
      const { absorbedInto: _nobody, ...free } = other;
      this.letGo(this.rows.write({ ...free, state: this.rows.isRetracted(free.trigger) ? 'withdrawn' : 'held' }));
    }
  }

  private withEntry(verdict: Verdict): RecordOutcome {
    const entry = verdict.outcome === 'same-vector' ? undefined : this.rows.entries.get(verdict.triggerId ?? '');
    return entry ? { kind: 'stands', verdict, entry } : { kind: 'stands', verdict };
  }

  private claimOne(triggerId: string, { nowMs, leaseMs }: Lease): ClaimOutcome {
    const entry = this.rows.entries.get(triggerId);
    if (!entry) return { kind: 'unknown' };
    if (entry.state === 'sent') return { kind: 'sent' };
    if (entry.state !== 'pending' && entry.state !== 'dispatching') return { kind: 'not-pending', state: entry.state };
    const { leaseUntil } = entry;
    if (entry.state === 'dispatching' && leaseUntil !== undefined && Date.parse(leaseUntil) > nowMs) {
      return { kind: 'leased', leaseUntil };
    }
    const claimed = this.rows.write({
      ...entry,
      state: 'dispatching',
      leaseUntil: new Date(nowMs + leaseMs).toISOString(),
    });
    return { kind: 'claimed', etag: claimed.etag };
  }
}

function toVerdictKey({
  subscriptionStage,
  signalId,
  subscription,
  set,
  lag,
  replay,
  release,
}: Pick<Verdict, 'subscriptionStage' | 'signalId' | 'subscription' | 'set' | 'lag' | 'replay' | 'release'>): string {
  const own = [replay ?? null, replay === undefined ? (release ?? null) : null];
  return JSON.stringify([subscriptionStage, signalId, subscription, lag === undefined ? null : set, ...own]);
}
