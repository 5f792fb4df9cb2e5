import type { PathStep, SubscriptionExplanation } from '../../contracts/api/explanation.js';
import type { Origin } from '../../contracts/origin.js';
import type { QuarantineSummary } from '../../contracts/quarantine-item.js';
import type { Signal } from '../../contracts/signal.js';

/** Everything that happened to a stored event, in order of time; what has no time of its own follows its cause. */
export function toEventPath(
  signal: Signal,
  duplicates: readonly Origin[],
  subscriptions: readonly SubscriptionExplanation[],
): PathStep[] {
  const { origin } = signal;
  const first: PathStep[] = [
    { step: 'occurred', at: signal.occurredAt, note: `${signal.producerDp} says so` },
    { step: 'enqueued', at: origin.enqueuedAt, note: toPosition(origin) },
    { step: 'received', at: signal.receivedAt, note: 'read by ingest' },
    { step: 'validated', at: signal.receivedAt, note: `valid ${signal.eventType}` },
    { step: 'stored', note: `signal ${signal.signalId}, admitted by registry ${signal.registryVersion}` },
  ];
  const repeats = duplicates.map((each): PathStep => {
    return {
      step: 'duplicate',
      at: each.enqueuedAt,
      note: `delivered again, ${toPosition(each)}; recorded, no effect`,
    };
  });
  const decided = [...repeats, ...subscriptions.flatMap(toSubscriptionSteps)];
  return [...first, ...decided.sort((a, b) => Date.parse(a.at ?? '') - Date.parse(b.at ?? ''))];
}

function toSubscriptionSteps(explained: SubscriptionExplanation): PathStep[] {
  const { subscription, outcome, decidedAt, trigger, replay } = explained;
  if (decidedAt === undefined) return [];
  const released = trigger?.released ? ' (released)' : '';
  const again = replay === undefined ? released : ` (replay ${replay})`;
  const steps: PathStep[] = [{ step: 'evaluated', at: decidedAt, note: `${subscription}: ${outcome}${again}` }];
  if (trigger === undefined || outcome !== 'matched') return steps;
  steps.push({ step: 'triggered', at: trigger.pendingSince, note: `${trigger.triggerId} for ${explained.consumer}` });
  if (trigger.sentAt !== undefined) {
    steps.push({ step: 'delivered', at: trigger.sentAt, note: `${trigger.triggerId} is on the topic` });
  }
  for (const { status, occurredAt, consumer, runId } of trigger.receipts) {
    const run = runId === undefined ? '' : `, run ${runId}`;
    steps.push({ step: 'receipt', at: occurredAt, note: `${consumer}: ${status}${run}` });
  }
  return steps;
}

/** Everything that happened to a refused event. */
export function toQuarantinePath({
  origin,
  receivedAt,
  quarantinedAt,
  reason,
  resolution,
}: QuarantineSummary): PathStep[] {
  const path: PathStep[] = [
    { step: 'enqueued', at: origin.enqueuedAt, note: toPosition(origin) },
    { step: 'received', at: receivedAt, note: 'read by ingest' },
    { step: 'quarantined', at: quarantinedAt, note: reason },
  ];
  if (resolution === undefined) return path;
  const { state, at, actor, eventId } = resolution;
  const as = eventId === undefined ? '' : ` as ${eventId}`;
  return [...path, { step: state, at, note: `by ${actor}${as}: ${resolution.reason}` }];
}

function toPosition({ hub, partition, sequenceNumber }: Origin): string {
  return `${hub}, partition ${partition}, number ${sequenceNumber}`;
}
