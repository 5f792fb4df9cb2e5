import type { TransactionAction } from '@azure/data-tables';
import { describe, expect, it } from 'vitest';
import { toRegistry, toSeal } from '../../../bench/workload.js';
import { storedRows } from '../../../cli/cost/usage.js';
import { toDecisionActions } from '../../../shared/adapters/table/ledger-rows.js';
import { toSignalActions } from '../../../shared/adapters/table/signal-rows.js';
import { compileRegistry } from '../../../shared/domain/compiled-registry.js';
import { decide } from '../../../shared/domain/decide.js';
import { signal } from '../../fixtures/events.js';
import { decisionsOf } from '../../fixtures/decisions.js';

/** By "How much storage a table takes" of the service: keys and names by two bytes a letter, 8 bytes for a column. */
function toStoredBytes(actions: readonly TransactionAction[]): number {
  return actions.reduce((sum, [, { partitionKey, rowKey, ...columns }]) => {
    const held = Object.entries(columns).filter(([, value]) => value !== undefined);
    const sizes = held.map(([name, value]) => 8 + 2 * name.length + toValueBytes(value));
    return sum + 4 + 2 * (partitionKey.length + rowKey.length) + sizes.reduce((all, size) => all + size, 0);
  }, 0);
}

function toValueBytes(value: unknown): number {
  if (value instanceof Uint8Array) return 4 + value.byteLength;
  return typeof value === 'string' ? 4 + 2 * value.length : 8;
}

describe('rows that are priced', () => {
  const sealed = signal(toSeal('run-1', 12_345));
  const registry = compileRegistry('000001-abc', toRegistry(50));
  const [decision] = decisionsOf(decide(sealed, { registry, nowMs: Date.parse(sealed.receivedAt) }));
  if (decision === undefined) throw new Error('every port of the workload has a subscription');
  const written = { signal: toSignalActions(sealed, 2), trigger: toDecisionActions(decision, 'prod!000') };

  it.each(['signal', 'trigger'] as const)('are as many for a %s as are written, and no smaller', (kind) => {
    const { rows, bytes } = storedRows[kind];

    expect(decision.trigger).toBeDefined();
    expect(written[kind]).toHaveLength(rows);
    expect(toStoredBytes(written[kind])).toBeLessThanOrEqual(bytes);
    expect(toStoredBytes(written[kind])).toBeGreaterThan(bytes * 0.85);
  });
});
