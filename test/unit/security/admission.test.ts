import { describe, expect, it } from 'vitest';
import { checkAdmission } from '../../../shared/domain/admission.js';
import { compileRegistry } from '../../../shared/domain/compiled-registry.js';
import { baseEvents, badInputRegistry } from '../../support/bad-input/base-events.js';
import { PortEvent } from '../../../shared/contracts/events/readiness-event.js';

const document = badInputRegistry();
const registry = compileRegistry('1', document);
const kinds = Object.entries(baseEvents).filter(([kind]) => kind !== 'receipt' && kind !== 'ledger');
const pairs = document.products.flatMap(({ key: product }) =>
  document.ports.flatMap((port) => kinds.map(([kind, event]) => ({ product, port, kind, event }))),
);

describe('who may publish for a port', () => {
  it.each(pairs)('$product, $kind, $port.key', ({ product, port, event }) => {
    const claim = PortEvent.parse({
      ...event,
      producer: { dataProduct: product, domain: product.split('.')[1] },
      outputPort: { key: port.key, version: '1.0.0', stage: 'prod' },
    });

    const refusal = checkAdmission(claim, {
      registry,
      stages: ['prod'],
      receivedAtMs: Date.parse('2026-03-11T02:00:00Z'),
    });

    expect(refusal?.reason).toBe(product === port.dataProduct ? undefined : 'producer-not-owner');
  });
});
