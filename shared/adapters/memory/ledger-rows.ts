import type { FlowState } from '../../contracts/flow-state.js';
import type { InputSet } from '../../contracts/input-set.js';
import type { Receipt } from '../../contracts/receipt.js';
import type { Trigger } from '../../contracts/trigger.js';
import type { Verdict } from '../../contracts/verdict.js';
import { toSnapshots } from '../../domain/trigger.js';
import type { SubscriptionRef } from '../../ports/held-triggers.js';
import type { LedgerEntry } from '../../ports/ledger.js';

/** What a ledger in memory holds, and how single rows change; queries read it. */
export class MemoryLedgerRows {
  readonly verdicts = new Map<string, Verdict>();
  readonly entries = new Map<string, LedgerEntry>();
  readonly receipts = new Map<string, Receipt>();
  readonly sets = new Map<string, { readonly state: InputSet; readonly etag: string }>();
  readonly flows = new Map<string, FlowState>();
  /** What each subscription made of each snapshot. */
  readonly snapshots = new Map<string, { retracted: boolean; triggerIds: string[] }>();
  private writes = 0;

  nextEtag(): string {
    return `W/"${++this.writes}"`;
  }

  write(entry: Omit<LedgerEntry, 'etag'>): LedgerEntry {
    const stored = { ...entry, etag: this.nextEtag() };
    this.entries.set(entry.trigger.triggerId, stored);
    return stored;
  }

  change(triggerId: string, to: Partial<Omit<LedgerEntry, 'etag'>>): LedgerEntry | undefined {
    const entry = this.entries.get(triggerId);
    return entry && this.write({ ...entry, ...to });
  }

  heldOf({ stage, subscription }: SubscriptionRef): Trigger[] {
    return [...this.entries.values()]
      .filter(({ trigger, state }) => state === 'held' && trigger.stage === stage)
      .map(({ trigger }) => trigger)
      .filter((trigger) => trigger.subscription === subscription)
      .sort((a, b) => Date.parse(a.decidedAt) - Date.parse(b.decidedAt) || (a.triggerId < b.triggerId ? -1 : 1));
  }

  isRetracted(trigger: Trigger | undefined): boolean {
    if (trigger?.kind !== 'trigger') return false;
    const { subscription, stage } = trigger;
    return toSnapshots(trigger).some((snapshot) => this.snapshotOf(subscription, stage, snapshot).retracted);
  }

  snapshotOf(
    subscription: string,
    stage: string,
    { name, revision }: { name: string; revision: number },
  ): { retracted: boolean; triggerIds: string[] } {
    const key = toSnapshotKey({ stage, subscription }, { name, revision });
    const known = this.snapshots.get(key) ?? { retracted: false, triggerIds: [] };
    this.snapshots.set(key, known);
    return known;
  }
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
