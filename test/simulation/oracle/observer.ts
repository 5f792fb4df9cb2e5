import type { QuarantineRecord } from '../../../shared/contracts/quarantine-record.js';
import type { NormalizeMessage, StageMessage } from '../../../shared/contracts/stage-messages.js';
import type { Signal } from '../../../shared/contracts/signal.js';
import type { Trigger } from '../../../shared/contracts/trigger.js';
import type { Verdict } from '../../../shared/contracts/verdict.js';
import type { ClaimOutcome, Ledger, LedgerEntry, RecordOutcome, Retracted } from '../../../shared/ports/ledger.js';
import type { ControlState } from '../../../shared/ports/control-store.js';
import type { SubscriptionRef } from '../../../shared/ports/held-triggers.js';
import type { RegistryStore } from '../../../shared/ports/registry-store.js';
import type { Partition } from '../model/event-hub.js';
import type { Faults } from '../model/faults.js';
import type { Call } from '../model/network.js';
import type { Stores } from '../world.js';
import { contentOf } from './brute-force.js';
import type { History } from './history.js';
import { HoldWatch, type HoldWatchOptions } from './hold-watch.js';
import { OpenTriggers } from './open-triggers.js';
import { ReplayWatch } from './replay-watch.js';

type Lease = Parameters<Ledger['claim']>[1];

/** Clocks are wrong by so much at most; a time that is further off was not read from the clock of a host. */
const maxSkewMs = 30 * 3_600_000;
/** A dispatcher may stand still, and its calls take long. */
const longestRunMs = 300_000;
/** How much older than the refresh interval a cached registry may be: one slow look, possibly on a host that stood still. */
const loadSlackMs = 300_000;

/**
 * Watches every effect and every checkpoint as it happens and checks what must hold at each single step (safety). It
 * knows the ports and their contracts, nothing of how rows look.
 */
export class Observer {
  readonly open: OpenTriggers;
  /** Triggers that are in quarantine because the topic refused them. */
  readonly refused = new Set<string>();
  /** Signals whose insert arrived after a later attempt had looked for them in vain and refused the event. */
  readonly overtaken = new Set<string>();
  readonly replays: ReplayWatch;
  readonly holds: HoldWatch;
  private readonly absent = new Set<string>();
  private readonly refusedAt = new Map<string, number>();
  /** Vectors whose triggers must never leave again. */
  private settled = new Set<string>();
  private readonly claims = new Map<string, Set<number>>();
  private readonly removedChannels = new Set<string>();
  private readonly leasedUntil = new Map<string, number>();
  private readonly verdicts = new Map<string, Verdict>();
  private readonly firstVerdicts = new Map<string, Verdict>();
  /** Events of a partition, counted from its start, that a checkpoint was seen to pass rightly. */
  private readonly passed = new WeakMap<Partition, number>();

  constructor(
    readonly history: History,
    private readonly stores: Stores,
    private readonly options: HoldWatchOptions & { readonly faults: Faults },
  ) {
    this.replays = new ReplayWatch(history);
    this.holds = new HoldWatch(history, options);
    this.open = new OpenTriggers(history, stores, options.faults);
  }

  readonly observe = async (call: Call, result: unknown): Promise<void> => {
    this.replays.observe(call, result);
    // The port's own types say what each call takes and answers.
    switch (call.name) {
      case 'queues.toNormalize':
        return (call.args[0] as NormalizeMessage[]).forEach((message) => this.enqueued(message));
      case 'queues.again':
        return (call.args[0] as { message: StageMessage }[]).forEach(({ message }) => this.enqueued(message));
      case 'quarantine.put':
        return (call.args[0] as QuarantineRecord[]).forEach((record) => this.quarantined(record));
      case 'signals.get':
        if (result === undefined) this.absent.add((call.args[0] as { signalId: string }).signalId);
        return;
      case 'signals.insert':
        return (call.args[0] as Signal[]).forEach(({ signalId }) => this.inserted(signalId));
      case 'ledger.record':
      case 'ledger.join':
        return (result as RecordOutcome[]).forEach((outcome) => this.recorded(outcome, call));
      case 'ledger.retract':
        (result as Retracted).withdrawn.forEach(({ triggerId }) => this.open.over(triggerId));
        return this.open.look((call.args[0] as SubscriptionRef).subscription);
      case 'ledger.regulate':
        return this.regulated(call.args[0] as SubscriptionRef, (result as { released: LedgerEntry[] }).released);
      case 'ledger.markRefused':
        for (const { triggerId } of call.args[0] as { triggerId: string }[]) this.markedRefused(triggerId, call);
        return;
      case 'ledger.hold':
        if (result === true) this.open.held(call.args[0] as Trigger);
        return;
      case 'controlStore.replace':
        return this.holds.replaced(result as ControlState | undefined);
      case 'ledger.claim':
        return this.claimed(call, result as ClaimOutcome[]);
      case 'ledger.markSent':
        return (call.args[0] as Trigger[]).forEach((trigger) => this.markedSent(trigger, call));
      case 'topic.send':
        for (const trigger of call.args[0] as Trigger[]) await this.sent(trigger, call);
        return;
      case 'registryStore.publish':
        if (result === true) this.applied(call.args[0] as Parameters<RegistryStore['publish']>[0], call);
        return;
      case 'channels.remove':
        return this.removed(call.args[0] as string, call);
      default:
        return;
    }
  };

  /** The topic accepted a trigger for a consumer without a channel. */
  readonly unrouted = (consumer: string): void => {
    if (!this.isNeeded(consumer) || this.removedChannels.has(consumer)) return;
    this.history.report('P2', `a trigger for ${consumer} was dropped: the registry in force came before its channel`);
  };

  /** P1: a checkpoint never passes an event that is neither handed on nor quarantined. */
  readonly checkpointed = (partition: Partition, next: number): void => {
    const from = this.passed.get(partition) ?? 0;
    this.passed.set(partition, Math.max(from, next));
    for (const { partition: id, sequenceNumber, enqueuedAtMs } of partition.records.slice(from, next)) {
      const enqueuedAt = new Date(enqueuedAtMs).toISOString();
      const event = this.history.at({ partition: String(id), sequenceNumber: String(sequenceNumber), enqueuedAt });
      if (event?.handedOn !== true) {
        this.history.report(
          'P1',
          `checkpoint ${next} of partition ${id} passes event ${sequenceNumber}, which is nowhere`,
        );
      }
    }
  };

  /** P1: a message leaves the normalize queue only when its event has an outcome or another message carries it. */
  readonly completed = (queue: string, body: string): void => {
    if (queue !== 'normalize') return;
    const { origin } = JSON.parse(body) as Partial<NormalizeMessage>; // foreign messages have none
    const event = origin && this.history.at(origin);
    if (event === undefined) return;
    event.copies -= 1;
    if (event.copies > 0) return;
    void this.hasOutcome(event.key).then((found) => {
      if (!found)
        this.history.report('P1', `the last message about event ${event.key} was completed, the event is nowhere`);
    });
  };

  /** Nothing more will happen to the trigger by itself: people must let it go. */
  isStuck(triggerId: string): boolean {
    return this.open.waitsForPeople(triggerId);
  }

  /** From here on what was sent stays sent: nothing that happens later may send it again. */
  settle(): void {
    this.settled = new Set([...this.claims.keys()].filter((triggerId) => !this.open.has(triggerId)));
  }

  private async hasOutcome(key: string): Promise<boolean> {
    const event = this.history.events.get(key);
    if (event === undefined) return false;
    if (this.quarantinedKeys.has(key)) return true;
    const { published } = event;
    if (published.kind === 'receipt') {
      const receipts = await this.stores.ledger.listReceipts(published.triggerId);
      return receipts.some(({ eventId }) => eventId === published.eventId);
    }
    if (published.kind !== 'fact') return false;
    const found = await this.stores.signals.findByEventId(published.fact.eventId);
    return found.some(({ producerDp }) => producerDp === published.fact.producer.dataProduct);
  }

  private readonly quarantinedKeys = new Set<string>();

  private inserted(signalId: string): void {
    if (this.absent.has(signalId)) this.overtaken.add(signalId);
  }

  /** An apply removes only what the version it put or found in force does not need; another may overtake it. */
  private removed(consumer: string, { caller }: Call): void {
    this.removedChannels.add(consumer);
    const inForce = this.history.registries.at(-1);
    const knows = inForce && (inForce.by === caller.invocation || inForce.fromMs < caller.startedAtMs);
    if (knows && this.isNeeded(consumer)) {
      this.history.report('P2', `the channel of ${consumer} was removed, the registry in force needs it`);
    }
  }

  private isNeeded(consumer: string): boolean {
    const inForce = this.history.registries.at(-1)?.document.subscriptions ?? [];
    return inForce.some((subscription) => subscription.consumer === consumer);
  }

  private enqueued(message: StageMessage): void {
    if (message.kind !== 'normalize') return;
    const event = this.history.at(message.origin);
    if (event === undefined) return this.history.report('P1', `a message speaks of an event the hub never had`);
    event.handedOn = true;
    event.copies += 1;
  }

  private quarantined(record: QuarantineRecord): void {
    if (record.reason === 'trigger-refused') this.refused.add(record.origin.partition);
    for (const origin of originsOf(record)) {
      const event = this.history.at(origin);
      if (event === undefined) continue;
      event.handedOn = true;
      this.quarantinedKeys.add(event.key);
    }
  }

  private recorded(outcome: RecordOutcome, call: Call): void {
    const { verdict } = outcome;
    this.checkStands(verdict);
    if (outcome.kind === 'recorded') this.checkRegistryAge(verdict, call);
    if (outcome.kind !== 'same-vector' && outcome.entry) this.open.expect(outcome.entry);
    if (outcome.kind === 'recorded' && verdict.outcome === 'matched' && outcome.entry === undefined) {
      this.history.report('P3', `matched verdict ${verdict.verdictId} was stored without its trigger`);
    }
  }

  private regulated({ subscription }: SubscriptionRef, released: readonly LedgerEntry[]): Promise<void> {
    for (const entry of released) this.open.expect(entry);
    this.holds.released(released);
    return this.open.look(subscription);
  }

  /** The first stored verdict of a signal and a subscription stands; one moved to another stage is a new one. */
  private checkStands(verdict: Verdict): void {
    const { signalId, subscription, subscriptionStage, set = '', lag, replay = '' } = verdict;
    const key = `${signalId} ${subscription} ${subscriptionStage} ${lag === undefined ? '' : set} ${replay}`;
    const name = `${subscriptionStage} ${verdict.verdictId}`;
    if (!this.verdicts.has(name)) this.verdicts.set(name, verdict);
    const known = this.firstVerdicts.get(key);
    if (known === undefined) this.firstVerdicts.set(key, verdict);
    if (known === undefined || known === verdict) return;
    const [first, text] = [JSON.stringify(known), JSON.stringify(verdict)];
    if (first !== text)
      this.history.report('P5', `the verdict of ${key} changed after it was stored, from ${first} to ${text}`);
  }

  /** Decisions use a version that was in force at most the refresh interval ago. */
  private checkRegistryAge(verdict: Verdict, call: Call): void {
    if (Math.abs(Date.parse(verdict.decidedAt) - this.options.nowMs()) > maxSkewMs + this.options.refreshMs) {
      this.history.report('P5', `verdict ${verdict.verdictId} says it was decided at ${verdict.decidedAt}`);
    }
    const endMs = this.history.endOf(verdict.registryVersion);
    const repeats = verdict.replay !== undefined && this.replays.isForced(verdict.replay);
    if (this.history.document(verdict.registryVersion) === undefined) {
      this.history.report(
        'P3',
        `verdict ${verdict.verdictId} names registry ${verdict.registryVersion}, never in force`,
      );
    } else if (!repeats && endMs < call.caller.startedAtMs - this.options.refreshMs - loadSlackMs) {
      this.history.report(
        'P5',
        `verdict ${verdict.verdictId} uses registry ${verdict.registryVersion}, replaced long before`,
      );
    }
  }

  private claimed(call: Call, outcomes: readonly ClaimOutcome[]): void {
    const [requests, { nowMs, leaseMs }] = call.args as [{ triggerId: string }[], Lease]; // as above
    requests.forEach(({ triggerId }, index) => {
      if (outcomes[index]?.kind !== 'claimed') return;
      if (nowMs < (this.leasedUntil.get(triggerId) ?? 0)) {
        this.history.report('P2', `${triggerId} was claimed while another held it`);
      }
      this.leasedUntil.set(triggerId, nowMs + leaseMs);
      const holders = this.claims.get(triggerId) ?? new Set();
      this.claims.set(triggerId, holders.add(call.caller.invocation));
    });
  }

  private markedRefused(triggerId: string, { caller }: Call): void {
    this.open.over(triggerId);
    if (!this.refusedAt.has(triggerId)) this.refusedAt.set(triggerId, caller.startedAtMs);
    if (!this.refused.has(triggerId)) {
      this.history.report('P1', `${triggerId} was called refused before it was in quarantine`);
    }
  }

  private markedSent({ triggerId }: Trigger, call: Call): void {
    this.open.over(triggerId);
    if (!this.claims.get(triggerId)?.has(call.caller.invocation)) {
      this.history.report('P2', `${triggerId} was marked sent without a claim`);
    }
  }

  private async sent(trigger: Trigger, call: Call): Promise<void> {
    const { triggerId, stage } = trigger;
    this.holds.sent(trigger, call);
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
    this.checkEvidence(trigger);
    for (const { signalId, producer: producerDp, outputPort } of trigger.inputs) {
      const signal = await this.stores.signals.get({ stage, producerDp, signalId });
      if (signal === undefined) this.history.report('P3', `${triggerId} was sent for a signal that is not stored`);
      if (outputPort.stage !== stage) {
        this.history.report('P4', `${triggerId} of ${stage} was caused in ${outputPort.stage}`);
      }
    }
    if (!triggerId.startsWith(`${stage}.`)) this.history.report('P4', `${triggerId} was sent in stage ${stage}`);
  }

  /** P3: the verdict was stored first, asks for this trigger, and says what the trigger says. */
  private checkEvidence({ triggerId, stage, evidence, cause, replay }: Trigger): void {
    const verdict = this.verdicts.get(`${stage} ${evidence.verdictId}`);
    if (verdict?.triggerId !== triggerId) {
      return this.history.report('P3', `${triggerId} was sent before a verdict that asks for it was stored`);
    }
    if (verdict.replay !== replay?.name || cause !== (replay === undefined ? 'live' : 'replay')) {
      this.history.report('P5', `${triggerId} says it is of ${replay?.name ?? 'no replay'}, because of ${cause}`);
    }
    if (contentOf(verdict.gates) !== contentOf(evidence.gates) || verdict.gates.length === 0) {
      this.history.report('P3', `${triggerId} was sent with other evidence than its verdict holds`);
    }
    if (verdict.gates.some(({ answer, holds }) => answer !== 'pass' && holds !== true)) {
      this.history.report('P3', `${triggerId} was sent although a gate said no`);
    }
  }

  /** Versions come into force one after the other, each number once. */
  private applied({ version, document }: Parameters<RegistryStore['publish']>[0], { caller }: Call): void {
    const latest = this.history.registries.at(-1)?.version ?? '';
    if (latest.slice(0, 6) >= version.slice(0, 6))
      this.history.report('P3', `registry ${version} came after ${latest}`);
    this.history.registries.push({ version, document, fromMs: this.options.nowMs(), by: caller.invocation });
  }
}

/** The hub position of a record, or that of the message a parked record holds. */
export function originsOf(record: QuarantineRecord): QuarantineRecord['origin'][] {
  if (!record.origin.hub.startsWith('queue ')) return [record.origin];
  const parked = JSON.parse(Buffer.from(record.bodyBase64, 'base64').toString()) as Partial<NormalizeMessage> | null;
  return parked?.kind === 'normalize' && parked.origin ? [parked.origin] : [];
}
