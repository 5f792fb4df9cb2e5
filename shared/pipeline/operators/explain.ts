import { type Outcome, refuse, succeed } from '../../contracts/api/operator-problem.js';
import type { Explanation, QuarantineExplanation } from '../../contracts/api/explanation.js';
import { type QuarantineItem, QuarantineId } from '../../contracts/quarantine-item.js';
import type { Signal } from '../../contracts/signal.js';
import type { SetRelease } from '../../contracts/trigger.js';
import { TriggerId } from '../../contracts/trigger-id.js';
import type { CompiledRegistry } from '../../domain/compiled-registry.js';
import { toQuarantinePath } from '../../domain/explain/event-path.js';
import type { QuarantineDesk } from '../../ports/quarantine-desk.js';
import { type ExplainSignalDeps, explainSignal } from './explain-signal.js';
import { toWithoutText } from '../../domain/input-set/arrival.js';

export interface ExplainDeps extends ExplainSignalDeps {
  readonly quarantineDesk: Pick<QuarantineDesk, 'get' | 'findByEventId'>;
}

/** What to explain: an event id, a trigger id or the id of a quarantined record. */
export interface ExplainQuery {
  readonly id: string;
  /** Only this subscription's decisions. */
  readonly subscription?: string | undefined;
}

/**
 * Everything known about an event or a trigger: its whole path with times, every gate with its facts, and for what did
 * not fire the facts that would make it. Answers for signals, duplicates, quarantined events and receipts alike.
 * @throws RetryableError
 */
export async function explain(query: ExplainQuery, deps: ExplainDeps): Promise<Outcome<Explanation>> {
  if (TriggerId.safeParse(query.id).success) return explainTrigger(query, deps);
  if (QuarantineId.safeParse(query.id).success) return explainRecord(query.id, deps);
  return explainEvent(query, deps);
}

async function explainTrigger({ id }: ExplainQuery, deps: ExplainDeps): Promise<Outcome<Explanation>> {
  const entry = await deps.ledger.get(id);
  if (entry === undefined) {
    return refuse('not-found', `no trigger ${id} was ever decided`, 'check the id; its first part is the stage');
  }
  const { trigger, state } = entry;
  const inputs = await Promise.all(
    trigger.inputs.map(({ outputPort, producer, signalId }) =>
      deps.signals.get({ stage: outputPort.stage, producerDp: producer, signalId }),
    ),
  );
  const signals = inputs.filter((signal) => signal !== undefined);
  const events = await explainAll(signals, { subscription: trigger.subscription }, deps);
  const summary = `trigger of ${trigger.subscription} for ${trigger.consumer}, ${state}, cause ${trigger.cause}, decided ${trigger.decidedAt}`;
  const released = trigger.released ? `; ${toReleaseText(trigger.released)}` : '';
  return succeed({ id, asked: 'trigger', summary: summary + released, events, quarantined: [], receipts: [] });
}

async function explainRecord(id: string, deps: ExplainDeps): Promise<Outcome<Explanation>> {
  const item = await deps.quarantineDesk.get(id);
  if (item === undefined)
    return refuse('not-found', `there is no quarantined record ${id}`, 'list them to find its id');
  const quarantined = [toQuarantined(item, await deps.registry.current())];
  const summary = `quarantined for ${item.reason}, ${item.state}`;
  return succeed({ id, asked: 'quarantine-record', summary, events: [], quarantined, receipts: [] });
}

async function explainEvent(query: ExplainQuery, deps: ExplainDeps): Promise<Outcome<Explanation>> {
  const { id } = query;
  const [signals, items, receipts, registry] = await Promise.all([
    deps.signals.findByEventId(id),
    deps.quarantineDesk.findByEventId(id),
    deps.ledgerQueries.findReceipts({ stages: deps.stages, eventId: id }),
    deps.registry.current(),
  ]);
  if (signals.length + items.length + receipts.length === 0) {
    return refuse(
      'not-found',
      `no event ${id} was recorded: it never reached the hub, is still on its way, or its bytes named no id`,
      'look again in a minute, then list the quarantine of that time',
    );
  }
  const events = await explainAll(signals, query, deps);
  const { subscription } = query;
  if (subscription !== undefined && events.length > 0 && events.every((event) => event.subscriptions.length === 0)) {
    const detail = `event ${id} does not concern ${subscription}: it asks for another port, or is not registered`;
    return refuse('not-found', detail, 'leave the subscription out to see whom it concerns');
  }
  const quarantined = items.map((item) => toQuarantined(item, registry));
  const summary = [
    ...events.map(({ signal, duplicates }) => toSignalSummary(signal, duplicates.length)),
    ...items.map(({ reason, state }) => `quarantined for ${reason}, ${state}`),
    ...receipts.map(({ status, triggerId }) => `receipt "${status}" for trigger ${triggerId}`),
  ].join('; ');
  return succeed({ id, asked: 'event', summary, events, quarantined, receipts });
}

function explainAll(
  signals: readonly Signal[],
  { subscription }: { subscription?: string | undefined },
  deps: ExplainDeps,
): Promise<Explanation['events']> {
  return Promise.all(signals.map((signal) => explainSignal(signal, subscription, deps)));
}

function toReleaseText({ at, by, reason, missing }: SetRelease): string {
  return `its set was released at ${at} by ${by}${toWithoutText(missing)}: ${reason}`;
}

function toSignalSummary({ outputPortKey, outputPortVersion, stage }: Signal, duplicates: number): string {
  const again = duplicates === 0 ? '' : `, delivered ${duplicates + 1} times`;
  return `signal about ${outputPortKey}@${outputPortVersion} in ${stage}${again}`;
}

function toQuarantined(item: QuarantineItem, registry: CompiledRegistry | undefined): QuarantineExplanation {
  const { bodyBase64: _bytes, ...record } = item;
  const owner = item.producer === undefined ? undefined : registry?.products.get(item.producer)?.owner;
  return { record, path: toQuarantinePath(record), ...(owner !== undefined && { owner }) };
}
