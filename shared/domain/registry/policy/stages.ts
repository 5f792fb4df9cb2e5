import type { z } from 'zod';
import type { StagePolicy } from '../../../contracts/registry/policy.js';
import { toKeyMatcher } from '../key-pattern.js';
import { listWishes, type PolicyContext, type PolicyFinding } from './policy-context.js';

/** Subscriptions for a stage that is not allowed. */
export function checkStages(policy: z.infer<typeof StagePolicy>, context: PolicyContext): PolicyFinding[] {
  const consumers = toKeyMatcher(policy.consumers);
  const ports = toKeyMatcher(policy.ports);
  const wrong = listWishes(policy, context).filter(
    ({ subscription, input }) =>
      consumers(subscription.consumer) && ports(input.port) && !policy.allowed.includes(subscription.stage),
  );
  return wrong.map(({ subscription, input }) => {
    const allowed = policy.allowed.join(', ');
    const message = `${input.port} may be consumed in ${allowed} only, not in ${subscription.stage}`;
    return { entry: subscription, path: ['stage'], message, fix: `set stage to ${allowed}` };
  });
}
