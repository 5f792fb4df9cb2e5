import type { PortState } from '../contracts/port-state.js';
import type { Signal } from '../contracts/signal.js';
import type { GateAnswer, Verdict, VerdictOutcome } from '../contracts/verdict.js';
import { toMajor } from './circuit-breaker.js';
import { type CompiledRegistry, isInRange, wishesFor } from './compiled-registry.js';
import type { PortWish } from './port-wish.js';
import type { Decision } from './decision.js';
import { toFiring } from './firing.js';
import { answerGates } from './gates.js';
import type { HoldContext } from './holds.js';
import { type Finish, type SetArrival, toPeriods, toSetArrival } from './input-set/arrival.js';
import { toTriggerInput } from './trigger.js';
import { toVerdict } from './verdict.js';

/** What is decided with, besides the signal. */
export type DecideContext = HoldContext;

/** What became of one subscription's question: an answer of its own, or a step on a set of inputs. */
export type Decided =
  { readonly kind: 'alone'; readonly decision: Decision } | { readonly kind: 'joins'; readonly arrival: SetArrival };

/** Decide every subscription on the signal's port. Pure: the same inputs give the same decisions. */
export function decide(signal: Signal, context: DecideContext): Decided[] {
  const decided: Decided[] = [];
  const { ports, strayWishes } = context.registry;
  const wishes = ports.get(signal.outputPortKey) ?? strayWishes.get(signal.outputPortKey);
  if (wishes?.firstWish === undefined) return decided;
  decided.push(...decideOne(signal, wishes.firstWish, context));
  for (const wish of wishes.otherWishes) decided.push(...decideOne(signal, wish, context));
  return decided;
}

/** The ports whose state a decision about this signal depends on: few, because each costs a read. */
export function toRememberedPorts(signal: Signal, registry: CompiledRegistry): string[] {
  const wishes = wishesFor(registry, signal.outputPortKey);
  const inSets = wishes.flatMap(({ subscription }) => [...subscription.inputs.values()].map(({ input }) => input.port));
  const guarded = [signal.outputPortKey, ...inSets].filter((port) => registry.ports.get(port)?.circuitBreaker);
  const shadowed = wishes.some(({ input }) => !isInRange(input, signal.outputPortVersion));
  return [...new Set([...guarded, ...(shadowed ? [signal.outputPortKey] : [])])];
}

function decideOne(signal: Signal, wish: PortWish, context: DecideContext): Decided[] {
  const { registry, portStates, nowMs } = context;
  const portState = portStates?.get(signal.outputPortKey);
  const gates = answerGates({ signal, wish, registry, portState, nowMs });
  const outcome = toOutcome(gates, () => isShadowed(signal, portState));
  const decided = { registryVersion: registry.version, nowMs };
  if (outcome !== 'matched' && outcome !== 'held') return [alone(toVerdict(signal, wish, { outcome, gates }, decided))];
  if (wish.alone) {
    const verdict = toVerdict(signal, wish, { outcome, gates }, decided);
    const firing = { signal, verdict, inputs: [toTriggerInput(signal)] };
    return [{ kind: 'alone', decision: toFiring(firing, wish, context) }];
  }
  return decideSets(signal, wish, { gates, context });
}

/** A seal that passed its gates counts for the set of its period, and for later ones its input may lag behind. */
function decideSets(
  signal: Signal,
  wish: PortWish,
  { gates, context }: { gates: GateAnswer[]; context: DecideContext },
): Decided[] {
  const decided = { registryVersion: context.registry.version, nowMs: context.nowMs };
  const periods = toPeriods(signal, wish);
  if (periods.length === 0) {
    return [alone(toVerdict(signal, wish, { outcome: 'not-matched', gates: [...gates, noTime] }, decided))];
  }
  return periods.map((period, lag) => {
    const verdict = toVerdict(signal, wish, { outcome: 'waiting', gates, set: { key: period.key, lag } }, decided);
    const finish: Finish = (complete, vector, released) => {
      const firing = { signal, verdict: complete, inputs: vector.map(({ part }) => part), released };
      return toFiring(firing, wish, context);
    };
    return { kind: 'joins', arrival: toSetArrival(signal, wish, { period, lag }, { verdict, finish }) };
  });
}

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
