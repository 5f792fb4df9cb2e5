import type { PortEvent } from '../contracts/events/readiness-event.js';
import type { Problem, QuarantineReason } from '../contracts/problem.js';
import type { CompiledRegistry } from './compiled-registry.js';

/** Why an event with a valid form does not count. */
export interface Refusal {
  readonly reason: QuarantineReason;
  readonly problems: Problem[];
}

/** Check an event's claims against the registry: known stage, known port, and the producer owns it. */
export function checkAdmission(
  event: PortEvent,
  registry: CompiledRegistry | undefined,
  stages: readonly string[],
): Refusal | undefined {
  const { outputPort, producer } = event;
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
  if (port.entry.dataProduct !== producer.dataProduct) {
    const message = `${producer.dataProduct} does not own ${outputPort.key}; ${port.entry.dataProduct} does`;
    return refusal('producer-not-owner', 'producer.dataProduct', message);
  }
  const domain = port.entry.dataProduct.split('.')[1];
  if (producer.domain !== domain) {
    return refusal('producer-not-owner', 'producer.domain', `${producer.dataProduct} belongs to domain ${domain}`);
  }
  return undefined;
}

function refusal(reason: QuarantineReason, path: string, message: string): Refusal {
  return { reason, problems: [{ path, message }] };
}
