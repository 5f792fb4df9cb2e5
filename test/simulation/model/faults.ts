import { Random } from './random.js';

const families = {
  table: 'signals and ledger',
  quarantine: 'the quarantine table',
  registry: 'the registry table and the management of channels',
  queue: 'a queue between the functions',
  topic: 'the trigger topic',
} as const;

/** What can happen to one call on the way; every family of ports can meet each. */
const fates = {
  throttled: 'the call is turned away at once and nothing is applied',
  lost: 'the request never arrives; the caller times out',
  'ack-lost': 'the request is applied, its answer is lost; the caller times out',
  late: 'the caller times out first, the request is applied after that',
  partial: 'some items of a batch are applied, then the call fails',
  duplicated: 'the request arrives twice; the caller gets the second answer',
  slow: 'request and answer take seconds instead of milliseconds',
  outage: 'every call of the family fails for a while',
} as const;

export type Family = keyof typeof families;
export type Fate = keyof typeof fates;

const others = {
  'killed-before-call': 'the host dies as it issues a port call; the request is never sent',
  'killed-after-call': 'the host dies after a call took effect and before its answer arrives',
  'killed-at-end': 'the host dies after the function returned and before the platform settles the batch',
  'host-killed': 'a host dies at any time',
  'host-stalled': 'a host stands still for longer than locks and leases last, then goes on as if nothing happened',
  'host-drained': 'scale-in: a host takes no new work and stops when its work is done',
  'drain-cut-short': 'scale-in: the host is killed before its work is done',
  'host-added': 'scale-out: one more host',
  'all-restarted': 'a deployment: every host is killed at once',
  'clock-skewed': 'a host has a clock hours wrong',
  'clock-stepped-back': 'the clock of a host is set back while it runs',
  'clock-stepped-forward': 'the clock of a host is set forward while it runs',
  'hub-stolen': 'a host takes over a partition whose owner is alive; both read it for a while',
  'hub-rewound': 'a checkpoint is set back and events are read again',
  'hub-stalled': 'reading a batch from the hub takes seconds',
  'checkpoint-lost': 'a checkpoint is not written',
  'checkpoint-late': 'a checkpoint is written long after, possibly over a newer one',
  'retry-cancelled': 'a host shuts down while it waits to try a batch again',
  'lock-lost': 'the broker gives up a lock while the message is being worked on',
  'complete-lost': 'the completion of a message is lost; it is delivered again',
  'message-delayed': 'a message becomes visible late',
  'messages-shuffled': 'a queue delivers in any order',
  'foreign-message': 'somebody puts a message into a queue that no stage can read',
  'dead-lettered': 'a message used up its deliveries and waits until an operator sends it again',
  'duplicate-window-expired': 'the topic forgets message ids after seconds',
  'trigger-refused': 'the topic refuses one trigger for good',
  'sweep-overlapping': 'the sweep runs on two hosts at once',
  'sweep-skipped': 'a sweep does not run',
  'consumer-redelivered': 'a consumer gets a trigger again',
  'consumer-slow': 'a consumer takes minutes to receive',
  'receipt-repeated': 'a consumer publishes a receipt twice',
  'receipt-forged': 'a receipt names a consumer that does not own the trigger, or no trigger at all',
  'event-resent': 'a producer publishes the same event again',
  'event-reformatted': 'a producer publishes the same event again with other white space, member order or envelope',
  'event-id-reused': 'a producer uses an event id again for another fact',
  'snapshot-announced-twice': 'two events with ids of their own announce the same snapshot',
  'event-malformed': 'an event is not JSON, not UTF-8, not an event',
  'event-unadmitted': 'an event from an unknown stage, port or a producer that does not own the port',
  'registry-changed': 'another registry version comes into force in the middle',
  'registry-raced': 'two operators apply different registries at once',
  'registry-late': 'the first registry is applied after the first events',
  'operator-killed': 'an operator dies in the middle of an apply and starts again later',
  'read-again-after-months': 'the whole hub is read again after 11 minutes, 7 days or 400 days',
  'resent-after-months': 'producers publish old events again after 11 minutes, 7 days or 400 days',
  'hub-recreated': 'the hub is created anew: sequence numbers start over, the checkpoints are gone',
} as const;

/** What operators do besides; drawn with what they ask for, and counted like faults so that each is known to happen. */
const operations = {
  'replay-started': 'an operator replays a signal, a port or a subscription',
  'replay-forced': 'an operator replays with force: what fired fires again',
  'replay-raced': 'two operators start a replay of the same name',
  'replay-cancelled': 'an operator cancels a replay that is running',
  'replay-resumed': 'an operator lets a cancelled replay go on',
  'killed-at-seldom-call': 'a process dies at one call that few runs make, most times it makes it',
  'attempts-spent': 'a message has failed so often already that one more failure is its last',
  'event-resubmitted': 'an operator sends a quarantined event again',
  'refusal-reconsidered': 'an operator has a refused trigger tried again',
  'replay-after-months': 'an operator replays everything 11 minutes, 7 days or 400 days later',
  'paused-everything': 'an operator pauses everything for a while',
  'paused-stage': 'an operator pauses a stage for a while',
  'paused-port': 'an operator pauses a port for a while',
  'paused-subscription': 'an operator pauses a subscription for a while',
  'held-in-dispatch': 'a trigger on its way to the topic is put on hold by a pause',
  absorbed: 'a trigger is absorbed by a newer one',
  'let-go-again': 'a trigger that was absorbed is let go, because the one that stood for it was withdrawn',
} as const;

export type FaultKind =
  Exclude<`${Family}-${Fate}`, 'registry-partial'> | keyof typeof others | keyof typeof operations;

/** Every kind of fault, with what it does. Nothing is sent to the registry in batches, so none of those breaks off. */
export const faultKinds: ReadonlyMap<FaultKind, string> = new Map<FaultKind, string>([
  ...Object.entries(families).flatMap(([family, where]) =>
    Object.entries(fates)
      .filter(([fate]) => `${family}-${fate}` !== 'registry-partial')
      // The entries of the two constants above have exactly their keys.
      .map(([fate, what]): [FaultKind, string] => [`${family}-${fate}` as FaultKind, `${where}: ${what}`]),
  ),
  // As above.
  ...(Object.entries(others) as [keyof typeof others, string][]),
  ...(Object.entries(operations) as [keyof typeof operations, string][]),
]);

/** The kinds that a run draws by themselves. */
export const drawnFaults: readonly FaultKind[] = [...faultKinds.keys()].filter((kind) => !(kind in operations));

/** Fates that a call to a family can meet one after the other, each with its kind of fault; an outage comes first. */
export const fatesOf: Readonly<Record<Family, readonly { fate: Fate; kind: FaultKind }[]>> = {
  table: listFates('table'),
  quarantine: listFates('quarantine'),
  registry: listFates('registry'),
  queue: listFates('queue'),
  topic: listFates('topic'),
};

function listFates(family: Family): { fate: Fate; kind: FaultKind }[] {
  const order: readonly Fate[] = ['throttled', 'lost', 'ack-lost', 'late', 'partial', 'duplicated', 'slow'];
  return order.flatMap((fate) => {
    const kind = `${family}-${fate}` as FaultKind; // the one exception is not in the map
    return faultKinds.has(kind) ? [{ fate, kind }] : [];
  });
}

/** A fault that is on in a run, and how likely it strikes where it can. */
export interface EnabledFault {
  readonly kind: FaultKind;
  readonly strength: number;
}

/** Decides where faults strike. Each kind draws from a stream of its own, so removing one leaves the others alone. */
export class Faults {
  readonly struck = new Map<FaultKind, number>();
  private readonly enabled: ReadonlyMap<FaultKind, { strength: number; random: Random }>;
  private healed = false;

  constructor(seed: number, enabled: readonly EnabledFault[]) {
    this.enabled = new Map(
      enabled.map(({ kind, strength }) => [kind, { strength, random: new Random(seed, `fault ${kind}`) }]),
    );
  }

  /** Whether the fault strikes here and now; counted when it does. */
  strikes(kind: FaultKind): boolean {
    return !this.healed && this.draw(kind);
  }

  /** The same for a fault that is spent after so many times, and does not heal before. */
  strikesAtMost(times: number, kind: FaultKind): boolean {
    return (this.struck.get(kind) ?? 0) < times && this.draw(kind);
  }

  isOn(kind: FaultKind): boolean {
    return this.enabled.has(kind) && !this.healed;
  }

  private draw(kind: FaultKind): boolean {
    const fault = this.enabled.get(kind);
    if (fault === undefined || !fault.random.chance(fault.strength)) return false;
    this.count(kind);
    return true;
  }

  count(kind: FaultKind): void {
    this.struck.set(kind, (this.struck.get(kind) ?? 0) + 1);
  }

  /** From here on nothing fails. */
  heal(): void {
    this.healed = true;
  }
}
