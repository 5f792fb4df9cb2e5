import type { OutgoingTrigger } from '../contracts/outgoing-trigger.js';
import { toRecordedJson } from '../contracts/recorded-json.js';
import type { Trigger } from '../contracts/trigger.js';

/** A recorded trigger as it travels to the topic; `unsentPage` is its entry's. */
export function toOutgoingTrigger(trigger: Trigger, unsentPage?: string): OutgoingTrigger {
  const { kind, triggerId, subscription, consumer, stage, cause, correlationId, traceparent, decidedAt } = trigger;
  const outgoing = {
    kind,
    triggerId,
    subscription,
    consumer,
    stage,
    cause,
    registryVersion: trigger.evidence.registryVersion,
    ports: trigger.inputs.map(({ outputPort }) => outputPort.key),
    version: trigger.inputs[0]?.outputPort.version ?? '',
    receivedAt: toLatest(trigger.inputs.map(({ receivedAt }) => receivedAt)),
    wasHeld: (trigger.heldFor ?? []).length > 0,
    correlationId,
    traceparent,
    decidedAt,
    body: toRecordedJson(trigger),
  };
  return unsentPage === undefined ? outgoing : { ...outgoing, unsentPage };
}

function toLatest(instants: readonly string[]): string {
  return instants.reduce((latest, at) => (Date.parse(at) > Date.parse(latest) ? at : latest));
}
