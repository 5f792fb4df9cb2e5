import type { PortEvent } from '../../shared/contracts/events/readiness-event.js';
import type { QuarantineRecord } from '../../shared/contracts/quarantine-record.js';
import type { RegistryDocument } from '../../shared/contracts/registry.js';
import type { Signal } from '../../shared/contracts/signal.js';
import type { Verdict } from '../../shared/contracts/verdict.js';
import { decodeEvent } from '../../shared/domain/decode/decode-event.js';
import { toSignalId } from '../../shared/domain/identity.js';
import { toInputs } from '../../shared/domain/registry/subscription-inputs.js';
import { isRetraction } from '../../shared/domain/retraction.js';
import { isUnsent, type Ledger } from '../../shared/ports/ledger.js';
import type { QuarantineStore } from '../../shared/ports/quarantine-store.js';
import type { SignalStore } from '../../shared/ports/signal-store.js';
import type { DayStep } from './day-file.js';

export interface ObserveDeps {
  readonly signals: Pick<SignalStore, 'get' | 'listDuplicates'>;
  readonly ledger: Pick<Ledger, 'get' | 'listVerdicts'>;
  readonly quarantine: Pick<QuarantineStore, 'list'>;
  readonly stages: readonly string[];
  readonly document: RegistryDocument;
}

/** Where an event ended, with everything decided about it. */
export type EndState =
  | { readonly outcome: 'signal' | 'duplicate'; readonly verdicts: readonly Verdict[] }
  | { readonly outcome: 'quarantined'; readonly record: QuarantineRecord };

/** Looks until one event has its end state; undefined while it has none. */
export type Look = () => Promise<EndState | undefined>;

/** Quarantined records looked at, newest first; a day has far fewer. */
const recordsLooked = 500;

/**
 * Remember how things stand before a step is sent, and return how to find out where it ended. A signal counts as ended
 * when every subscription of its port has a verdict and every trigger it made is sent.
 */
export async function watchStep(step: DayStep, deps: ObserveDeps): Promise<Look> {
  const event = toPortEvent(step);
  const isOurs = toRecordFilter(step);
  const recordsBefore = (await deps.quarantine.list({ limit: recordsLooked })).filter(isOurs).length;
  const key = event && {
    stage: event.outputPort.stage,
    producerDp: event.producer.dataProduct,
    signalId: toSignalId(event.producer.dataProduct, event.eventId),
  };
  const signalBefore = key && (await deps.signals.get(key));
  const duplicatesBefore = key && signalBefore ? (await deps.signals.listDuplicates(key)).length : 0;
  return async () => {
    const records = (await deps.quarantine.list({ limit: recordsLooked })).filter(isOurs);
    const [record] = records;
    if (record && records.length > recordsBefore) return { outcome: 'quarantined', record };
    const signal = key && (await deps.signals.get(key));
    if (signal === undefined) return undefined;
    if (signalBefore && (await deps.signals.listDuplicates(key)).length === duplicatesBefore) return undefined;
    const verdicts = await readVerdicts(signal, deps);
    return verdicts && { outcome: signalBefore ? 'duplicate' : 'signal', verdicts };
  };
}

async function readVerdicts(signal: Signal, deps: ObserveDeps): Promise<Verdict[] | undefined> {
  const wanted = countVerdicts(signal, deps.document);
  const verdicts = await deps.ledger.listVerdicts({ stages: deps.stages, signalId: signal.signalId });
  if (verdicts.length < wanted) return undefined;
  const triggers = verdicts.flatMap((verdict) => (verdict.outcome === 'matched' ? [verdict.triggerId ?? ''] : []));
  const entries = await Promise.all(triggers.map((triggerId) => deps.ledger.get(triggerId)));
  const open = entries.some((entry) => entry !== undefined && isUnsent(entry));
  return open ? undefined : verdicts;
}

/** Every input on the port brings a verdict; a retraction concerns its own stage only. */
function countVerdicts(signal: Signal, { subscriptions }: RegistryDocument): number {
  const concerned = subscriptions.filter(({ stage }) => !isRetraction(signal) || stage === signal.stage);
  return concerned.flatMap(toInputs).filter(({ port }) => port === signal.outputPortKey).length;
}

function toPortEvent({ outgoing }: DayStep): PortEvent | undefined {
  const decoded = decodeEvent(outgoing.body, outgoing.properties ?? {});
  return decoded.ok && decoded.event.eventType !== 'TriggerReceipt' ? decoded.event : undefined;
}

/** By event id where there is one to read, else by the very bytes. */
function toRecordFilter({ outgoing }: DayStep): (record: QuarantineRecord) => boolean {
  const decoded = decodeEvent(outgoing.body, outgoing.properties ?? {});
  const eventId = decoded.ok ? decoded.event.eventId : decoded.clues.eventId;
  const body = Buffer.from(outgoing.body).toString('base64');
  return (record) => (eventId === undefined ? record.bodyBase64 === body : record.eventId === eventId);
}
