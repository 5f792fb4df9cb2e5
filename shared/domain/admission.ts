import type { PortEvent } from '../contracts/events/readiness-event.js';
import type { Problem, QuarantineReason } from '../contracts/problem.js';
import type { CompiledPort, CompiledRegistry } from './compiled-registry.js';
import { entitlementFor } from './registry/entitlements.js';

/** Why an event with a valid form does not count. */
export interface Refusal {
  readonly reason: QuarantineReason;
  readonly problems: Problem[];
}

/** What an event is checked against. `receivedAtMs` decides about expiry, so a retry gives the same answer. */
export interface AdmissionContext {
  readonly registry: CompiledRegistry | undefined;
  readonly stages: readonly string[];
  readonly receivedAtMs: number;
}

/** Check an event's claims: known stage, known port, and a producer that owns it or is entitled to publish for it. */
export function checkAdmission(event: PortEvent, context: AdmissionContext): Refusal | undefined {
  const { outputPort, producer } = event;
  const { registry, stages } = context;
  if (!stages.includes(outputPort.stage)) {
    return refusal('unknown-stage', 'outputPort.stage', `${outputPort.stage} is not one of ${stages.join(', ')}`);
  }
  if (registry === undefined) {
    return refusal('no-registry', '$', 'no registry is in force; run "outport registry apply", then resubmit');
  }
  const port = registry.ports.get(outputPort.key);
  if (port === undefined) {
    return refusal('unknown-output-port', 'outputPort.key', `${outputPort.key} is not in registry ${registry.version}`);
  }
  if (!isOfDomain(producer)) {
    const domain = producer.dataProduct.split('.')[1];
    return refusal('producer-not-owner', 'producer.domain', `${producer.dataProduct} belongs to domain ${domain}`);
  }
  return checkProducer(event, port, { registry, receivedAtMs: context.receivedAtMs });
}

/** Whether the second segment of a product's key is the domain that the event claims. */
function isOfDomain({ dataProduct, domain }: PortEvent['producer']): boolean {
  const domainAt = 'dp.'.length;
  return dataProduct.startsWith(domain, domainAt) && dataProduct.charAt(domainAt + domain.length) === '.';
}

function checkProducer(
  { outputPort: { key: port, stage }, producer: { dataProduct: product } }: PortEvent,
  { owner }: CompiledPort,
  { registry, receivedAtMs }: { registry: CompiledRegistry; receivedAtMs: number },
): Refusal | undefined {
  const state = entitlementFor(registry, { product, port, stage, may: 'publish', owner }, receivedAtMs);
  if (state === 'not-required' || state === 'valid') return undefined;
  const why =
    state === 'missing'
      ? `and has no entitlement to publish for it in stage ${stage}`
      : `and its entitlement to publish for it ended at ${state.expiredAt}`;
  return refusal(
    'producer-not-owner',
    'producer.dataProduct',
    `${product} does not own ${port} (${owner} does) ${why}`,
  );
}

function refusal(reason: QuarantineReason, path: string, message: string): Refusal {
  return { reason, problems: [{ path, message }] };
}
