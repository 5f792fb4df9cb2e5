import type { PolicyEntry } from '../../../contracts/registry/policy.js';
import type { Finding } from '../finding.js';
import type { RegistryView } from '../registry-view.js';
import { checkDependencies } from './dependencies.js';
import { checkEntitlements } from './entitlements.js';
import { checkFreshness } from './freshness.js';
import { checkLayers } from './layers.js';
import { checkNaming } from './naming.js';
import { type PolicyContext, type PolicyFinding, toPolicyContext } from './policy-context.js';
import { checkStages } from './stages.js';

/** Everything in a registry that its own policies do not allow. `nowMs` decides which entitlements have expired. */
export function checkPolicies(view: RegistryView, nowMs: number): Finding[] {
  if (view.policies.length === 0) return [];
  const context = toPolicyContext(view, nowMs);
  return view.policies.flatMap((policy) =>
    checkPolicy(policy, context).map((finding) => ({
      ...finding,
      code: `policy-${policy.rule}`,
      message: `${finding.message}; policy ${policy.key} of ${policy.owner}: ${policy.reason}`,
      fix: `${finding.fix}, or talk to ${policy.owner}`,
      policy: { key: policy.key, owner: policy.owner },
    })),
  );
}

function checkPolicy(policy: PolicyEntry, context: PolicyContext): PolicyFinding[] {
  switch (policy.rule) {
    case 'naming':
      return checkNaming(policy, context);
    case 'dependencies':
      return checkDependencies(policy, context);
    case 'layers':
      return checkLayers(policy, context);
    case 'stages':
      return checkStages(policy, context);
    case 'freshness':
      return checkFreshness(policy, context);
    case 'entitlement':
      return checkEntitlements(policy, context);
    default:
      return policy satisfies never;
  }
}
