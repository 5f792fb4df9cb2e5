import type { EntitlementEntry, Right } from '../../contracts/registry/entitlement.js';
import type { PolicyEntry } from '../../contracts/registry/policy.js';
import { type KeyMatcher, toAnyMatcher } from './key-pattern.js';

/** Rights of a registry version, looked up by who asks for what. */
export interface EntitlementIndex {
  /** The product that owns a port, from where the registry keeps its ports. */
  readonly ownerOf: (port: string) => string | undefined;
  readonly granted: ReadonlyMap<string, readonly Grant[]>;
  /** Which ports need an entitlement to be consumed. */
  readonly required: readonly Requirement[];
}

interface Grant {
  readonly stages: readonly string[];
  readonly expires: string | undefined;
  readonly expiresMs: number;
}

interface Requirement {
  readonly matches: KeyMatcher;
  readonly stages: readonly string[] | undefined;
}

/** What somebody wants to do. */
export interface RightRequest {
  readonly product: string;
  readonly port: string;
  readonly stage: string;
  readonly may: Right;
  /** Who owns the port, when the caller knows. */
  readonly owner?: string | undefined;
}

/** Whether they may. `expiredAt` is when the last of their rights ended. */
export type EntitlementState = 'not-required' | 'valid' | 'missing' | { readonly expiredAt: string };

/** Index the entitlements of a registry and the policies that ask for them. */
export function toEntitlementIndex(
  view: { readonly policies: readonly PolicyEntry[]; readonly entitlements: readonly EntitlementEntry[] },
  ownerOf: EntitlementIndex['ownerOf'],
): EntitlementIndex {
  const granted = new Map<string, Grant[]>();
  for (const { product, may, port, stages, expires } of view.entitlements) {
    const expiresMs = expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires);
    const key = toGrantKey(may, product, port);
    const others = granted.get(key);
    if (others) others.push({ stages, expires, expiresMs });
    else granted.set(key, [{ stages, expires, expiresMs }]);
  }
  const required = view.policies.flatMap((policy) =>
    policy.rule === 'entitlement' ? [{ matches: toAnyMatcher(policy.ports), stages: policy.stages }] : [],
  );
  return { ownerOf, granted, required };
}

function toGrantKey(may: Right, product: string, port: string): string {
  return `${may} ${product} ${port}`;
}

/**
 * May this product do that at `nowMs`? The owner of a port may publish for it; anybody else needs an entitlement.
 * Consuming needs one where a policy says so. An entitlement holds until the instant it expires, excluded.
 */
export function entitlementFor(
  { entitlements }: { readonly entitlements: EntitlementIndex },
  request: RightRequest,
  nowMs: number,
): EntitlementState {
  if (!isRequired(entitlements, request)) return 'not-required';
  return findGrant(entitlements, request, nowMs);
}

function isRequired({ ownerOf, required }: EntitlementIndex, request: RightRequest): boolean {
  const { product, port, stage, may, owner } = request;
  if (may === 'publish') return (owner ?? ownerOf(port)) !== product;
  return required.some(({ matches, stages }) => (stages === undefined || stages.includes(stage)) && matches(port));
}

/** The state of the rights themselves, whether or not they are asked for. */
function findGrant({ granted }: EntitlementIndex, request: RightRequest, nowMs: number): EntitlementState {
  const grants = granted.get(toGrantKey(request.may, request.product, request.port)) ?? [];
  const own = grants.filter(({ stages }) => stages.includes(request.stage));
  if (own.some(({ expiresMs }) => nowMs < expiresMs)) return 'valid';
  const [last] = [...own].sort((a, b) => b.expiresMs - a.expiresMs);
  return last?.expires === undefined ? 'missing' : { expiredAt: last.expires };
}
