import type { z } from 'zod';
import type { EntitlementPolicy } from '../../../contracts/registry/policy.js';
import { entitlementFor } from '../entitlements.js';
import { toAnyMatcher } from '../key-pattern.js';
import { listWishes, type PolicyContext, type PolicyFinding } from './policy-context.js';

/** Subscriptions that need an entitlement and have none (an error), or whose entitlement has expired (a warning). */
export function checkEntitlements(policy: z.infer<typeof EntitlementPolicy>, context: PolicyContext): PolicyFinding[] {
  const concerns = toAnyMatcher(policy.ports);
  return listWishes(policy, context).flatMap(({ subscription, input, place }): PolicyFinding[] => {
    if (!concerns(input.port)) return [];
    const { consumer: product, stage } = subscription;
    const state = entitlementFor(context, { product, port: input.port, stage, may: 'consume' }, context.nowMs);
    if (state === 'valid' || state === 'not-required') return [];
    const owner = context.products.get(context.ports.get(input.port)?.dataProduct ?? '')?.owner ?? 'the owner';
    const at = { entry: subscription, path: [...place, 'port'] };
    const what = `for ${product} to consume ${input.port} in ${stage}`;
    if (state === 'missing') {
      const message = `${product} has no entitlement to consume ${input.port} in stage ${stage}`;
      return [{ ...at, message, fix: `ask ${owner} to add "kind: Entitlement" ${what}` }];
    }
    const message = `the entitlement of ${product} to consume ${input.port} ended at ${state.expiredAt}; its triggers are held`;
    return [{ ...at, severity: 'warning', message, fix: `ask ${owner} to renew the entitlement ${what}` }];
  });
}
