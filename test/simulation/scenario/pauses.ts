import type { PauseTarget } from '../../../shared/contracts/controls.js';
import type { RegistryDocument } from '../../../shared/contracts/registry.js';
import { Random } from '../model/random.js';
import { ports, stages } from './registry.js';

/** What an operator pauses, when, and for how long. */
export interface PlannedPause {
  readonly atMs: number;
  readonly target: PauseTarget;
  readonly forMs: number;
}

/** Pauses of a run, from a stream of their own. Most runs have none. */
export function drawPauses(
  { seed, chaosMs }: { readonly seed: number; readonly chaosMs: number },
  documents: readonly RegistryDocument[],
): PlannedPause[] {
  const random = new Random(seed, 'pauses');
  if (!random.chance(0.2)) return [];
  return Array.from({ length: random.int(1, 3) }, () => ({
    atMs: random.chance(0.3) ? 0 : random.int(0, chaosMs),
    target: drawTarget(random, documents),
    forMs: random.int(1_000, 120_000),
  }));
}

function drawTarget(random: Random, documents: readonly RegistryDocument[]): PauseTarget {
  const keys = documents.flatMap(({ subscriptions }) => subscriptions.map(({ key }) => key));
  const draw = random.next();
  if (draw < 0.25) return { kind: 'everything' };
  if (draw < 0.5) return { kind: 'stage', stage: random.chance(0.8) ? 'prod' : random.pick(stages) };
  if (draw < 0.75 || keys.length === 0) return { kind: 'port', port: random.pick(ports) };
  return { kind: 'subscription', subscription: random.pick(keys) };
}
