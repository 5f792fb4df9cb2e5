import type { z } from 'zod';
import type { DependencyPolicy } from '../../../contracts/registry/policy.js';
import { toAnyMatcher, toKeyMatcher } from '../key-pattern.js';
import { listWishes, type PolicyContext, type PolicyFinding } from './policy-context.js';

/** Subscriptions on ports that their consumers may not depend on. */
export function checkDependencies(policy: z.infer<typeof DependencyPolicy>, context: PolicyContext): PolicyFinding[] {
  const concerns = toKeyMatcher(policy.consumers);
  const allowed = toAnyMatcher(policy.ports);
  const wrong = listWishes(policy, context).filter(
    ({ subscription, input }) => concerns(subscription.consumer) && !allowed(input.port),
  );
  return wrong.map(({ subscription, input, place }) => {
    const message = `${subscription.consumer} may not consume ${input.port}, only ${policy.ports.join(', ')}`;
    return { entry: subscription, path: [...place, 'port'], message, fix: 'subscribe to an allowed port' };
  });
}
