import type { OutgoingTrigger } from '../../../shared/contracts/outgoing-trigger.js';
import type { QuarantineRecord } from '../../../shared/contracts/quarantine-record.js';
import type { NormalizeMessage, StageMessage } from '../../../shared/contracts/stage-messages.js';
import type { Signal } from '../../../shared/contracts/signal.js';
import type { TriggerRef } from '../../../shared/contracts/trigger.js';
import type { ClaimOutcome, LedgerEntry, RecordOutcome, Retracted } from '../../../shared/ports/ledger.js';
import type { ControlState } from '../../../shared/ports/control-store.js';
import type { SubscriptionRef } from '../../../shared/ports/held-triggers.js';
import type { RegistryStore } from '../../../shared/ports/registry-store.js';
import type { Partition } from '../model/event-hub.js';
import type { Faults } from '../model/faults.js';
import type { Call } from '../model/network.js';
import type { Stores } from '../stores.js';
import { DepartureWatch } from './departure-watch.js';
import type { History } from './history.js';
import { HoldWatch, type HoldWatchOptions } from './hold-watch.js';
import { OpenTriggers } from './open-triggers.js';
import { ReplayWatch } from './replay-watch.js';
import { VerdictWatch } from './verdict-watch.js';

export interface ObserverOptions extends HoldWatchOptions {
  readonly faults: Faults;
  /** A refused trigger is to be tried again. */
  readonly onReopened: (triggerId: string) => void;
}

/**
 * Watches every effect and every checkpoint as it happens and checks what must hold at each single step (safety). It
 * knows the ports and their contracts, nothing of how rows look.
 */
export class Observer {
  readonly open: OpenTriggers;
  /** Signals whose insert arrived after a later attempt had looked for them in vain and refused the event. */
  readonly overtaken = new Set<string>();
  readonly replays: ReplayWatch;
  readonly holds: HoldWatch;
  private readonly verdicts: VerdictWatch;
  private readonly departures: DepartureWatch;
  private readonly absent = new Set<string>();
  private readonly removedChannels = new Set<string>();
  /** Events of a partition, counted from its start, that a checkpoint was seen to pass rightly. */
  private readonly passed = new WeakMap<Partition, number>();

  constructor(
    readonly history: History,
    private readonly stores: Stores,
    private readonly options: ObserverOptions,
  ) {
    this.replays = new ReplayWatch(history);
    this.holds = new HoldWatch(history, options);
    this.open = new OpenTriggers(history, stores, options.faults);
    this.verdicts = new VerdictWatch(history, this.replays, options);
    this.departures = new DepartureWatch(history, stores, {
      open: this.open,
      holds: this.holds,
      verdicts: this.verdicts,
    });
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
        for (const { triggerId } of call.args[0] as { triggerId: string }[])
          await this.departures.markedRefused(triggerId, call);
        return;
      case 'ledger.reopen':
        return result === true ? this.reopened(call.args[0] as string) : undefined;
      case 'ledger.hold':
        return result === true ? this.open.held((call.args[0] as TriggerRef).triggerId) : undefined;
      case 'controlStore.replace':
        return this.holds.replaced(result as ControlState | undefined);
      case 'ledger.claim':
        return this.departures.claimed(call, result as ClaimOutcome[]);
      case 'ledger.markSent':
        return (call.args[0] as TriggerRef[]).forEach((trigger) => this.departures.markedSent(trigger, call));
      case 'topic.send':
        for (const trigger of call.args[0] as OutgoingTrigger[]) await this.departures.sent(trigger, call);
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

  /** P1: a checkpoint never passes an event that is neither handed on nor has an outcome. */
  readonly checkpointed = (partition: Partition, next: number): void => {
    const from = this.passed.get(partition) ?? 0;
    this.passed.set(partition, Math.max(from, next));
    for (const { partition: id, sequenceNumber, enqueuedAtMs } of partition.records.slice(from, next)) {
      const enqueuedAt = new Date(enqueuedAtMs).toISOString();
      const event = this.history.at({ partition: String(id), sequenceNumber: String(sequenceNumber), enqueuedAt });
      if (event?.handedOn === true) continue;
      const lost = (): void =>
        this.history.report(
          'P1',
          `checkpoint ${next} of partition ${id} passes event ${sequenceNumber}, which is nowhere`,
        );
      if (event === undefined) lost();
      else void this.hasOutcome(event.key).then((found) => found || lost());
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
    this.departures.settle();
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
    if (record.reason === 'trigger-refused') this.departures.refused.add(record.origin.partition);
    for (const origin of originsOf(record)) {
      const event = this.history.at(origin);
      if (event === undefined) continue;
      event.handedOn = true;
      this.quarantinedKeys.add(event.key);
    }
  }

  private recorded(outcome: RecordOutcome, call: Call): void {
    const { verdict } = outcome;
    this.verdicts.told(verdict);
    if (outcome.kind === 'recorded') this.verdicts.checkRegistryAge(verdict, call);
    if (outcome.kind !== 'same-vector' && outcome.entry) this.open.expect(outcome.entry);
    if (outcome.kind === 'recorded' && outcome.entry) this.departures.recorded(outcome.entry, call);
    if (outcome.kind === 'recorded' && verdict.outcome === 'matched' && outcome.entry === undefined) {
      this.history.report('P3', `matched verdict ${verdict.verdictId} was stored without its trigger`);
    }
  }

  private async reopened(triggerId: string): Promise<void> {
    await this.departures.reopened(triggerId);
    this.options.onReopened(triggerId);
  }

  private regulated({ subscription }: SubscriptionRef, released: readonly LedgerEntry[]): Promise<void> {
    for (const entry of released) this.open.expect(entry);
    this.holds.released(released);
    return this.open.look(subscription);
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
