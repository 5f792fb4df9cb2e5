import { describe, expect, it } from 'vitest';
import type { PortState } from '../../shared/contracts/port-state.js';
import { freshPortState } from '../../shared/domain/circuit-breaker.js';
import type { PortStates } from '../../shared/ports/port-states.js';

const key = { stage: 'prod', port: 'op.sales.orders.daily' };
const failOnce = (state: PortState): PortState => ({
  ...state,
  breaker: { ...state.breaker, failuresInRow: state.breaker.failuresInRow + 1 },
});

/** What is remembered of ports, whichever store keeps it. `open` gives an empty one. */
export function portStatesSuite(name: string, open: () => Promise<PortStates>): void {
  describe(`port states: ${name}`, () => {
    it('are fresh until something is remembered, and apart by stage and port', async () => {
      const states = await open();

      const after = await states.advance(key, failOnce);

      expect(after.breaker.failuresInRow).toBe(1);
      const others = [
        { ...key, stage: 'dev' },
        { ...key, port: 'op.sales.returns.daily' },
      ];
      expect(await states.load([key, ...others])).toEqual([after, freshPortState, freshPortState]);
    });

    it('lose no step when several instances advance at once', async () => {
      const states = await open();

      await Promise.all(Array.from({ length: 5 }, () => states.advance(key, failOnce)));

      expect((await states.load([key]))[0]?.breaker.failuresInRow).toBe(5);
    });

    it('write nothing when a step changes nothing', async () => {
      const states = await open();
      await states.advance(key, failOnce);

      expect((await states.advance(key, (state) => state)).breaker.failuresInRow).toBe(1);
    });
  });
}
