import type { OutgoingTrigger } from '../../../shared/contracts/outgoing-trigger.js';
import type { Trigger, TriggerRef } from '../../../shared/contracts/trigger.js';
import { toOutgoingTrigger } from '../../../shared/domain/outgoing-trigger.js';
import type { ClaimOutcome, Ledger, LedgerEntry } from '../../../shared/ports/ledger.js';
import type { Call } from '../model/network.js';
import type { Stores } from '../stores.js';
import { contentOf } from './brute-force.js';
import type { History } from './history.js';
import type { HoldWatch } from './hold-watch.js';
import type { OpenTriggers } from './open-triggers.js';
import type { VerdictWatch } from './verdict-watch.js';

type Lease = Parameters<Ledger['claim']>[1];

/** A dispatcher may stand still, and its calls take long. */
const longestRunMs = 300_000;

/** Watches how triggers leave: claimed by one at a time, stored first, once, and not after they were refused. */
export class DepartureWatch {
  /** Triggers that are in quarantine because the topic refused them. */
  readonly refused = new Set<string>();
  private readonly refusedAt = new Map<string, number>();
  /** Vectors whose triggers must never leave again. */
  private settled = new Set<string>();
  private readonly claims = new Map<string, Set<number>>();
  private readonly leasedUntil = new Map<string, number>();

  constructor(
    private readonly history: History,
    private readonly stores: Pick<Stores, 'ledger' | 'signals'>,
    private readonly watches: {
      readonly open: OpenTriggers;
      readonly holds: HoldWatch;
      readonly verdicts: VerdictWatch;
    },
  ) {}

  /** From here on what was sent stays sent: nothing that happens later may send it again. */
  settle(): void {
    this.settled = new Set([...this.claims.keys()].filter((triggerId) => !this.watches.open.has(triggerId)));
  }

  claimed(call: Call, outcomes: readonly ClaimOutcome[]): void {
    const [requests, { nowMs, leaseMs }] = call.args as [{ triggerId: string }[], Lease]; // the port's own types
    requests.forEach(({ triggerId }, index) => {
      if (outcomes[index]?.kind !== 'claimed') return;
      if (nowMs < (this.leasedUntil.get(triggerId) ?? 0)) {
        this.history.report('P2', `${triggerId} was claimed while another held it`);
      }
      this.lease(triggerId, nowMs + leaseMs, call);
    });
  }

  /** One that was recorded under a lease is claimed with that. */
  recorded({ trigger: { triggerId }, leaseUntil }: LedgerEntry, call: Call): void {
    if (leaseUntil !== undefined) this.lease(triggerId, Date.parse(leaseUntil), call);
  }

  private lease(triggerId: string, untilMs: number, { caller }: Call): void {
    this.leasedUntil.set(triggerId, untilMs);
    const holders = this.claims.get(triggerId) ?? new Set();
    this.claims.set(triggerId, holders.add(caller.invocation));
  }

  async markedRefused(triggerId: string, { caller }: Call): Promise<void> {
    // It was asked for again meanwhile, or left.
    if ((await this.stores.ledger.get(triggerId))?.state !== 'refused') return;
    this.watches.open.over(triggerId);
    if (!this.refusedAt.has(triggerId)) this.refusedAt.set(triggerId, caller.startedAtMs);
    if (!this.refused.has(triggerId)) {
      this.history.report('P1', `${triggerId} was called refused before it was in quarantine`);
    }
  }

  async reopened(triggerId: string): Promise<void> {
    this.refusedAt.delete(triggerId);
    const entry = await this.stores.ledger.get(triggerId);
    // The refusal ended whatever lease there was.
    if (entry?.state !== 'dispatching') this.leasedUntil.delete(triggerId);
    if (entry) this.watches.open.expect(entry);
  }

  markedSent({ triggerId }: TriggerRef, call: Call): void {
    this.watches.open.over(triggerId);
    if (!this.claims.get(triggerId)?.has(call.caller.invocation)) {
      this.history.report('P2', `${triggerId} was marked sent without a claim`);
    }
  }

  async sent(outgoing: OutgoingTrigger, call: Call): Promise<void> {
    const trigger = JSON.parse(outgoing.body) as Trigger; // compared with the ledger's below
    const { triggerId, stage } = trigger;
    if (contentOf(outgoing) !== contentOf(toOutgoingTrigger(trigger))) {
      this.history.report('P3', `${outgoing.triggerId} was sent with what ${triggerId} says, or under another heading`);
    }
    this.watches.holds.sent(trigger, call);
    if ((this.refusedAt.get(triggerId) ?? Number.POSITIVE_INFINITY) < call.caller.startedAtMs - longestRunMs) {
      this.history.report('P6', `${triggerId} was tried again long after the topic had refused it`);
    }
    if (this.settled.has(triggerId)) this.history.report('P2', `${triggerId} left again, long after it was sent`);
    if (!this.claims.get(triggerId)?.has(call.caller.invocation)) {
      this.history.report('P2', `${triggerId} was sent without a claim`);
    }
    const entry = await this.stores.ledger.get(triggerId);
    if (contentOf(entry?.trigger) !== contentOf(trigger)) {
      this.history.report('P3', `${triggerId} was sent, and the ledger holds no such trigger`);
    }
    this.watches.verdicts.checkEvidence(trigger);
    for (const { signalId, producer: producerDp, outputPort } of trigger.inputs) {
      const signal = await this.stores.signals.get({ stage, producerDp, signalId });
      if (signal === undefined) this.history.report('P3', `${triggerId} was sent for a signal that is not stored`);
      if (outputPort.stage !== stage) {
        this.history.report('P4', `${triggerId} of ${stage} was caused in ${outputPort.stage}`);
      }
    }
    if (!triggerId.startsWith(`${stage}.`)) this.history.report('P4', `${triggerId} was sent in stage ${stage}`);
  }
}
