import { compare, diff, parse } from 'semver';
import type { ChangeKind, ContractChange } from './contract-change.js';

/** The part of a semantic version that must grow. */
export type VersionPart = 'major' | 'minor' | 'patch' | 'none';

/** Whether a version number says what changed. */
export interface VersionJudgement {
  /** `understated` misleads readers who rely on ranges; `overstated` only makes them look for nothing. */
  readonly verdict: 'honest' | 'understated' | 'overstated';
  /** Part that the changes ask for. */
  readonly needed: VersionPart;
  /** Part that grew; `none` when the version stayed or went back. */
  readonly actual: VersionPart;
  /** One sentence for people. */
  readonly reason: string;
}

const order: readonly VersionPart[] = ['none', 'patch', 'minor', 'major'];

/** A version as semver reads it; standards write a leading `v` that does not count. */
export function toSemanticVersion(text: string): string | undefined {
  return parse(text.startsWith('v') ? text.slice(1) : text)?.version;
}

/**
 * Judge a step from one version to the next by what changed (semver.org): breaking asks for a major step, additive for
 * a minor one, anything else for a patch. Below 1.0.0 one step less is asked for: nothing is stable there yet.
 */
export function judgeVersions(from: string, to: string, changes: readonly ContractChange[]): VersionJudgement {
  const before = toSemanticVersion(from);
  const after = toSemanticVersion(to);
  const needed = toNeeded(changes, before?.startsWith('0.') === true);
  if (before === undefined || after === undefined) {
    const wrong = before === undefined ? from : to;
    const reason = `"${wrong}" is not a semantic version, so nobody can rely on a range`;
    return { verdict: 'understated', needed, actual: 'none', reason };
  }
  const actual = toActual(before, after);
  const step = order.indexOf(actual) - order.indexOf(needed);
  const verdict = step < 0 || compare(after, before) < 0 ? 'understated' : step === 0 ? 'honest' : 'overstated';
  return { verdict, needed, actual, reason: toReason(verdict, needed, `${before} -> ${after}`) };
}

function toNeeded(changes: readonly ContractChange[], unstable: boolean): VersionPart {
  const has = (kind: ChangeKind): boolean => changes.some((change) => change.kind === kind);
  if (has('breaking')) return unstable ? 'minor' : 'major';
  if (has('additive')) return unstable ? 'patch' : 'minor';
  return changes.length > 0 ? 'patch' : 'none';
}

function toActual(before: string, after: string): VersionPart {
  if (compare(after, before) <= 0) return 'none';
  const part = diff(before, after);
  if (part === 'major' || part === 'premajor') return 'major';
  if (part === 'minor' || part === 'preminor') return 'minor';
  return 'patch';
}

function toReason(verdict: VersionJudgement['verdict'], needed: VersionPart, step: string): string {
  switch (verdict) {
    case 'honest':
      return needed === 'none' ? `nothing changed, and ${step} says so` : `${step} is the ${needed} step it should be`;
    case 'understated':
      return needed === 'none' ? `${step} goes back` : `${step} hides a change that asks for a ${needed} step`;
    case 'overstated':
      return needed === 'none' ? `${step} although nothing changed` : `${step} is more than the ${needed} step needed`;
    default:
      return verdict satisfies never;
  }
}
