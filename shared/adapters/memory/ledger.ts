import type { Trigger } from '../../contracts/trigger.js';
import type { Verdict } from '../../contracts/verdict.js';
import type { FlowState } from '../../contracts/flow-state.js';
import type { InputSet } from '../../contracts/input-set.js';
import type { Hold } from '../../contracts/trigger.js';
import { type Decision, toRetractedBefore, toSameVector } from '../../domain/decision.js';
import type { ReleasePlan } from '../../domain/flow/plan-release.js';
import type { SetArrival } from '../../domain/input-set/arrival.js';
import { toSnapshots } from '../../domain/trigger.js';
import { heldPerPlan, type SubscriptionRef } from '../../ports/held-triggers.js';
import type { Receipt } from '../../contracts/receipt.js';
import {
  type ClaimOutcome,
  type Ledger,
  type LedgerEntry,
  mayHaveLeft,
  type RecordOutcome,
  type Retracted,
  type SetChange,
  type SetChangeOutcome,
} from '../../ports/ledger.js';
import { isOpen, toRetracted } from './retracted.js';

type Lease = Parameters<Ledger['claim']>[1];

/** What a ledger in memory holds; queries read it. */
export class MemoryLedgerRows {
  readonly verdicts = new Map<string, Verdict>();
  readonly entries = new Map<string, LedgerEntry>();
  readonly receipts = new Map<string, Receipt>();
  readonly sets = new Map<string, { readonly state: InputSet; readonly etag: string }>();
  /** What each subscription made of each snapshot. */
  readonly snapshots = new Map<string, { retracted: boolean; triggerIds: string[] }>();
}

/** Key of a set among them. */
export function toSetKey({ stage, subscription, set }: { stage: string; subscription: string; set: string }): string {
  return JSON.stringify([stage, subscription, set]);
}

/** Key of a snapshot among them. */
export function toSnapshotKey(
  { stage, subscription }: SubscriptionRef,
  { name, revision }: { name: string; revision: number },
): string {
  return JSON.stringify([subscription, stage, name, revision]);
}

/** A ledger in memory, equal to the one on Table Storage by contract suite. */
export function createMemoryLedger(rows = new MemoryLedgerRows()): Ledger {
  return new MemoryLedger(rows);
}

class MemoryLedger implements Ledger {
  private readonly verdicts: Map<string, Verdict>;
  private readonly entries: Map<string, LedgerEntry>;
  private readonly receipts: Map<string, Receipt>;
  private readonly sets: MemoryLedgerRows['sets'];
  private readonly flows = new Map<string, FlowState>();
  private readonly snapshots: MemoryLedgerRows['snapshots'];
  private writes = 0;

  constructor({ verdicts, entries, receipts, sets, snapshots }: MemoryLedgerRows) {
    this.snapshots = snapshots;
    this.verdicts = verdicts;
    this.entries = entries;
    this.receipts = receipts;
    this.sets = sets;
  }

  async record(decisions: readonly Decision[]): Promise<RecordOutcome[]> {
    return decisions.map((decision) => this.recordOne(decision));
  }

  async join(arrivals: readonly SetArrival[]): Promise<RecordOutcome[]> {
    return arrivals.map((arrival) => {
      const standing = this.verdicts.get(toVerdictKey(arrival.verdict));
      if (standing) return this.withEntry(standing);
      const key = toSetKey(arrival);
      const { set, decision } = arrival.advance(this.sets.get(key)?.state);
      this.sets.set(key, { state: set, etag: this.nextEtag() });
      return this.recordOne(decision);
    });
  }

  async changeSet({ etag, to, decision, ...place }: SetChange): Promise<SetChangeOutcome> {
    const key = toSetKey(place);
    if (this.sets.get(key)?.etag !== etag) return { kind: 'changed' };
    const first = decision?.trigger && this.entries.get(decision.trigger.triggerId);
    if (first) return { kind: 'fired-before', triggerId: first.trigger.triggerId };
    if (this.isRetracted(decision?.trigger)) return { kind: 'retracted' };
    this.sets.set(key, { state: to, etag: this.nextEtag() });
    const recorded = decision && this.recordOne(decision);
    return recorded?.kind === 'recorded' && recorded.entry
      ? { kind: 'stored', entry: recorded.entry }
      : { kind: 'stored' };
  }

  async retract(request: SubscriptionRef & { name: string; revision: number }): Promise<Retracted> {
    const snapshot = this.snapshotOf(request.subscription, request.stage, request);
    snapshot.retracted = true;
    const met = snapshot.triggerIds.flatMap((id) => this.withdraw(id) ?? []);
    for (const entry of met) this.letGo(entry);
    return toRetracted(met, this.entries);
  }

  async listHeldSubscriptions(stage: string): Promise<string[]> {
    const held = [...this.entries.values()].filter(({ trigger, state }) => state === 'held' && trigger.stage === stage);
    return [...new Set(held.map(({ trigger }) => trigger.subscription))];
  }

  async listHeld(ref: SubscriptionRef, limit: number): Promise<Trigger[]> {
    return this.heldOf(ref).slice(0, limit);
  }

  private heldOf({ stage, subscription }: SubscriptionRef): Trigger[] {
    return [...this.entries.values()]
      .filter(({ trigger, state }) => state === 'held' && trigger.stage === stage)
      .map(({ trigger }) => trigger)
      .filter((trigger) => trigger.subscription === subscription)
      .sort((a, b) => Date.parse(a.decidedAt) - Date.parse(b.decidedAt) || (a.triggerId < b.triggerId ? -1 : 1));
  }

  async regulate(
    ref: SubscriptionRef,
    plan: (held: readonly Trigger[], flow: FlowState) => ReleasePlan,
  ): Promise<{ released: LedgerEntry[]; more: boolean }> {
    const key = JSON.stringify([ref.stage, ref.subscription]);
    const held = this.heldOf(ref).slice(0, heldPerPlan);
    const planned = plan(held, this.flows.get(key) ?? { releasedAt: [] });
    const { at, release, absorb, keep, flow, more } = planned;
    if (release.length + absorb.length + keep.length === 0) return { released: [], more: false };
    this.flows.set(key, flow);
    for (const { trigger, into } of absorb) this.change(trigger.triggerId, { state: 'absorbed', absorbedInto: into });
    for (const trigger of keep) this.change(trigger.triggerId, { trigger });
    const released = release.flatMap(
      (trigger) => this.change(trigger.triggerId, { trigger, state: 'pending', pendingSince: at }) ?? [],
    );
    return { released, more };
  }

  async hold(trigger: Trigger, heldFor: readonly Hold[]): Promise<boolean> {
    const entry = this.entries.get(trigger.triggerId);
    if (entry?.state !== 'pending') return false;
    const body = { ...entry.trigger, heldFor: [...(entry.trigger.heldFor ?? []), ...heldFor] };
    this.change(trigger.triggerId, { state: 'held', trigger: body });
    return true;
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

  async markRefused(refusals: readonly { triggerId: string; reason: string }[]): Promise<void> {
    for (const { triggerId, reason } of refusals) {
      const entry = this.entries.get(triggerId);
      if (entry?.state !== 'pending' && entry?.state !== 'dispatching') continue;
      const { leaseUntil: _over, ...rest } = entry;
      this.write({ ...rest, state: 'refused', refusedFor: reason });
    }
  }

  async reopen(triggerId: string): Promise<boolean> {
    const entry = this.entries.get(triggerId);
    if (entry?.state !== 'refused') return false;
    const { refusedFor: _over, ...rest } = entry;
    this.write({ ...rest, state: 'pending' });
    return true;
  }

  async get(triggerId: string): Promise<LedgerEntry | undefined> {
    return this.entries.get(triggerId);
  }

  async listUnsent({ stage, beforeMs, limit }: Parameters<Ledger['listUnsent']>[0]): Promise<LedgerEntry[]> {
    return [...this.entries.values()]
      .filter(({ trigger, state }) => trigger.stage === stage && (state === 'pending' || state === 'dispatching'))
      .filter(({ trigger }) => Date.parse(trigger.decidedAt) < beforeMs)
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

  private nextEtag(): string {
    return `W/"${++this.writes}"`;
  }

  private write(entry: Omit<LedgerEntry, 'etag'>): LedgerEntry {
    const stored = { ...entry, etag: this.nextEtag() };
    this.entries.set(entry.trigger.triggerId, stored);
    return stored;
  }

  private change(triggerId: string, to: Partial<Omit<LedgerEntry, 'etag'>>): LedgerEntry | undefined {
    const entry = this.entries.get(triggerId);
    return entry && this.write({ ...entry, ...to });
  }

  private recordOne(decision: Decision): RecordOutcome {
    const { verdict, trigger } = decision;
    const standing = this.verdicts.get(toVerdictKey(verdict));
    if (standing) return this.withEntry(standing);
    const first = trigger && this.entries.get(trigger.triggerId);
    if (first) {
      const repeated = toSameVector(verdict, first.trigger.inputs[0]?.eventId ?? '');
      this.verdicts.set(toVerdictKey(verdict), repeated);
      return { kind: 'same-vector', verdict: repeated };
    }
    const settled = this.isRetracted(trigger) ? { verdict: toRetractedBefore(verdict) } : decision;
    this.verdicts.set(toVerdictKey(verdict), settled.verdict);
    return this.store(settled);
  }

  private store({ verdict, trigger, initial }: Decision): RecordOutcome {
    if (!trigger) return { kind: 'recorded', verdict };
    for (const snapshot of trigger.kind === 'trigger' ? toSnapshots(trigger) : []) {
      this.snapshotOf(trigger.subscription, trigger.stage, snapshot).triggerIds.push(trigger.triggerId);
    }
    const entry = this.write({ trigger, state: initial ?? 'pending', pendingSince: trigger.decidedAt });
    return { kind: 'recorded', verdict, entry };
  }

  private isRetracted(trigger: Trigger | undefined): boolean {
    if (trigger?.kind !== 'trigger') return false;
    const { subscription, stage } = trigger;
    return toSnapshots(trigger).some((snapshot) => this.snapshotOf(subscription, stage, snapshot).retracted);
  }

  private snapshotOf(
    subscription: string,
    stage: string,
    { name, revision }: { name: string; revision: number },
  ): { retracted: boolean; triggerIds: string[] } {
    const key = toSnapshotKey({ stage, subscription }, { name, revision });
    const known = this.snapshots.get(key) ?? { retracted: false, triggerIds: [] };
    this.snapshots.set(key, known);
    return known;
  }

  private withdraw(triggerId: string): LedgerEntry | undefined {
    const entry = this.entries.get(triggerId);
    const open = entry && isOpen(entry);
    return open ? this.change(triggerId, { state: 'withdrawn' }) : entry;
  }

  /** What stood behind a trigger that never left waits again by itself. */
  private letGo(withdrawn: LedgerEntry): void {
    const into = withdrawn.trigger.triggerId;
    if (withdrawn.state !== 'withdrawn' || mayHaveLeft(withdrawn)) return;
    for (const other of this.entries.values()) {
      if (other.state !== 'absorbed' || other.absorbedInto !== into) continue;
      const { absorbedInto: _nobody, ...free } = other;
      this.letGo(this.write({ ...free, state: this.isRetracted(free.trigger) ? 'withdrawn' : 'held' }));
    }
  }

  private withEntry(verdict: Verdict): RecordOutcome {
    const entry = verdict.outcome === 'same-vector' ? undefined : this.entries.get(verdict.triggerId ?? '');
    return entry ? { kind: 'stands', verdict, entry } : { kind: 'stands', verdict };
  }

  private claimOne(triggerId: string, { nowMs, leaseMs }: Lease): ClaimOutcome {
    const entry = this.entries.get(triggerId);
    if (!entry) return { kind: 'unknown' };
    if (entry.state === 'sent') return { kind: 'sent' };
    if (entry.state !== 'pending' && entry.state !== 'dispatching') return { kind: 'not-pending', state: entry.state };
    const { leaseUntil } = entry;
    if (entry.state === 'dispatching' && leaseUntil !== undefined && Date.parse(leaseUntil) > nowMs) {
      return { kind: 'leased', leaseUntil };
    }
    const claimed = this.write({ ...entry, state: 'dispatching', leaseUntil: new Date(nowMs + leaseMs).toISOString() });
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
