import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toBill } from '../../../cli/cost/bill.js';
import { Prices } from '../../../cli/cost/prices.js';
import {
  batches,
  type Load,
  toLogicAppsUsage,
  toOutportUsage,
  toUnbatchedUsage,
  type Usage,
} from '../../../cli/cost/usage.js';

const prices = Prices.parse(JSON.parse(readFileSync('examples/prices.json', 'utf8')));
const load: Load = { signals: 1_000_000, consumers: 1, batch: 100 };
const total = (usage: Usage): number => toBill(usage, prices).reduce((sum, { amount }) => sum + amount, 0);

describe("a month's bill", () => {
  it('charges nothing for services that are not used', () => {
    expect(toBill({}, prices)).toEqual([]);
  });

  it('charges only for what goes beyond the free part', () => {
    const { includedOperations, perMillionOperations } = prices.serviceBus;
    const within = total({ busOperations: includedOperations });

    expect(total({ busOperations: includedOperations + 2_000_000 }) - within).toBeCloseTo(2 * perMillionOperations);
    expect(total({ gridOperations: prices.eventGrid.freeOperations })).toBe(0);
  });

  it('prices table requests by the ten thousand', () => {
    expect(total({ tableRequests: 1_000_000 })).toBeCloseTo(100 * prices.tables.perTenThousandRequests);
  });

  it('is lower in batches than with one event per invocation, and grows with consumers', () => {
    for (const handOn of ['direct', 'queued'] as const) {
      expect(total(toOutportUsage(load, handOn))).toBeLessThan(total(toUnbatchedUsage(load)));
      const ofThree = toOutportUsage({ ...load, consumers: 3 }, handOn);
      expect(total(ofThree)).toBeGreaterThan(total(toOutportUsage(load, handOn)));
    }
  });

  it('is lower when stages hand on directly, most of all when signals arrive one by one', () => {
    for (const batch of batches) {
      const direct = total(toOutportUsage({ ...load, batch }, 'direct'));
      expect(direct).toBeLessThan(total(toOutportUsage({ ...load, batch }, 'queued')));
    }
    const alone = { ...load, batch: 1 } as const;
    expect(total(toOutportUsage(alone, 'direct')) * 2).toBeLessThan(total(toOutportUsage(alone, 'queued')));
  });

  it('charges a Logic App for every action of every run', () => {
    const { perBuiltInAction, perStandardConnectorCall, freeBuiltInActions } = prices.logicApps;
    const actions = (5_000_000 - freeBuiltInActions) * perBuiltInAction + 3_000_000 * perStandardConnectorCall;
    const grid = ((2_000_000 - prices.eventGrid.freeOperations) / 1_000_000) * prices.eventGrid.perMillionOperations;

    expect(total(toLogicAppsUsage(load))).toBeCloseTo(actions + grid);
  });
});
