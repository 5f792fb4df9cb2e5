import type { PortState } from '../contracts/port-state.js';
import type { Signal } from '../contracts/signal.js';
import type { GateAnswer, Verdict, VerdictOutcome } from '../contracts/verdict.js';
import { toMajor } from './circuit-breaker.js';
import { type CompiledRegistry, isInRange, type PortWish } from './compiled-registry.js';
import type { Decision } from './decision.js';
import { toFiring } from './firing.js';
import { answerGates } from './gates.js';
import type { HoldContext, PauseOf } from './holds.js';
import { type Finish, type SetArrival, toPeriods, toSetArrival } from './input-set/arrival.js';
import { toTriggerInput } from './trigger.js';
import { toVerdict } from './verdict.js';

/** What is decided with, besides the signal. */
export interface DecideContext {
  readonly registry: CompiledRegistry;
  readonly nowMs: number;
  /** What is remembered of ports, by key, as far as `toRememberedPorts` asks for it. */
  readonly portStates?: ReadonlyMap<string, PortState>;
  readonly pauseOf?: PauseOf | undefined;
}

/** What became of one subscription's question: an answer of its own, or a step on a set of inputs. */
export type Decided =
  { readonly kind: 'alone'; readonly decision: Decision } | { readonly kind: 'joins'; readonly arrival: SetArrival };

/** Decide every subscription on the signal's port. Pure: the same inputs give the same decisions. */
export function decide(signal: Signal, context: DecideContext): Decided[] {
  const wishes = context.registry.wishesByPort.get(signal.outputPortKey) ?? [];
  return wishes.flatMap((wish) => decideOne(signal, wish, context));
}

/** The ports whose state a decision about this signal depends on: few, because each costs a read. */
export function toRememberedPorts(signal: Signal, registry: CompiledRegistry): string[] {
  const wishes = registry.wishesByPort.get(signal.outputPortKey) ?? [];
  const inSets = wishes.flatMap(({ subscription }) => [...subscription.inputs.values()].map(({ input }) => input.port));
  const guarded = [signal.outputPortKey, ...inSets].filter((port) => registry.ports.get(port)?.entry.circuitBreaker);
  const shadowed = wishes.some(({ input }) => !isInRange(input, signal.outputPortVersion));
  return [...new Set([...guarded, ...(shadowed ? [signal.outputPortKey] : [])])];
}

function decideOne(signal: Signal, wish: PortWish, context: DecideContext): Decided[] {
  const portState = context.portStates?.get(signal.outputPortKey);
  const { registry, nowMs } = context;
  const gates = answerGates({ signal, wish, registry, portState, nowMs });
  const outcome = toOutcome(gates, () => isShadowed(signal, portState));
  const holdContext = toHoldContext(context);
  const decided = { registryVersion: registry.version, nowMs };
  if (outcome !== 'matched' && outcome !== 'held') return [alone(toVerdict(signal, wish, { outcome, gates }, decided))];
  if (wish.subscription.entry.inputs === undefined) {
    const verdict = toVerdict(signal, wish, { outcome, gates }, decided);
    const firing = { signal, verdict, inputs: [toTriggerInput(signal)] };
    const decision = toFiring(firing, wish.subscription, holdContext);
    return [{ kind: 'alone', decision }];
  }
  const periods = toPeriods(signal, wish);
  if (periods.length === 0)
    return [alone(toVerdict(signal, wish, { outcome: 'not-matched', gates: [...gates, noTime] }, decided))];
  return periods.map((period, lag) => {
    const verdict = toVerdict(signal, wish, { outcome: 'waiting', gates, set: { key: period.key, lag } }, decided);
    const finish: Finish = (complete, vector, released) => {
      const firing = { signal, verdict: complete, inputs: vector.map(({ part }) => part), released };
      return toFiring(firing, wish.subscription, holdContext);
    };
    return { kind: 'joins', arrival: toSetArrival(signal, wish, { period, lag }, { verdict, finish }) };
  });
}

export function toHoldContext({ registry, nowMs, portStates = noPortStates, pauseOf }: DecideContext): HoldContext {
  return { registry, nowMs, portStates, pauseOf };
}

const noPortStates: ReadonlyMap<string, PortState> = new Map();

function alone(verdict: Verdict): Decided {
  return { kind: 'alone', decision: { verdict } };
}

const noTime: GateAnswer = {
  gate: 'set',
  answer: 'fail',
  code: 'watermark-not-a-time',
  reason: 'The inputs are aligned by period, and this watermark is no time.',
  facts: {},
};

function toOutcome(gates: readonly GateAnswer[], isAnnounced: () => boolean): VerdictOutcome {
  if (gates.some(({ answer }) => answer === 'error')) return 'error';
  const noes = gates.filter(({ answer }) => answer === 'fail');
  if (noes.length === 0) return 'matched';
  if (noes.every(({ holds }) => holds)) return 'held';
  const onlyVersion = noes.every(({ gate }) => gate === 'version' || gate === 'schema-hash');
  return onlyVersion && noes.some(({ gate }) => gate === 'version') && isAnnounced() ? 'shadow' : 'not-matched';
}

function isShadowed(signal: Signal, portState: PortState | undefined): boolean {
  return portState?.shadows[toMajor(signal.outputPortVersion)] !== undefined;
}
