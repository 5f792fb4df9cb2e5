import type { Signal } from '../../contracts/signal.js';
import type { CompiledRegistry } from '../../domain/compiled-registry.js';
import { type DecideContext, decide, type Decided, toRememberedPorts } from '../../domain/decide.js';
import type { Decision } from '../../domain/decision.js';
import type { Clock } from '../../ports/clock.js';
import type { LedgerQueries } from '../../ports/ledger-queries.js';
import type { PortStates } from '../../ports/port-states.js';
import { type ControlSource, toPauseOf } from './control-source.js';
import { withoutRetracted } from './foresee-retraction.js';

export interface ForeseeDeps {
  readonly portStates: Pick<PortStates, 'load'>;
  readonly ledgerQueries: Pick<LedgerQueries, 'getSet' | 'findRetractable'>;
  readonly controls: ControlSource;
  readonly clock: Clock;
}

/** What a signal's decisions depend on now, read without leaving a mark. @throws RetryableError */
export async function readContext(
  signal: Signal,
  registry: CompiledRegistry,
  { portStates, controls, clock }: Omit<ForeseeDeps, 'ledgerQueries'>,
): Promise<DecideContext> {
  const ports = toRememberedPorts(signal, registry);
  const states = ports.length > 0 ? await portStates.load(ports.map((port) => ({ stage: signal.stage, port }))) : [];
  return {
    registry,
    nowMs: clock.nowMs(),
    portStates: new Map(ports.flatMap((port, index) => (states[index] ? [[port, states[index]] as const] : []))),
    pauseOf: toPauseOf(await controls.current()),
  };
}

/** Every decision on a signal as it would come out now; nothing is written. @throws RetryableError */
export async function foresee(signal: Signal, registry: CompiledRegistry, deps: ForeseeDeps): Promise<Decision[]> {
  return foreseeAll(decide(signal, await readContext(signal, registry, deps)), deps);
}

/** What decisions become with the sets they join as they are now. @throws RetryableError */
export function foreseeAll(
  decided: readonly Decided[],
  { ledgerQueries }: Pick<ForeseeDeps, 'ledgerQueries'>,
): Promise<Decision[]> {
  return Promise.all(
    decided.map(async (one) => {
      if (one.kind === 'alone') return withoutRetracted(one.decision, { ledgerQueries });
      const { stage, subscription, set } = one.arrival;
      const stored = await ledgerQueries.getSet({ stage, subscription, set });
      return withoutRetracted(one.arrival.advance(stored?.state).decision, { ledgerQueries });
    }),
  );
}
