import type { NamingPolicy } from '../../../contracts/registry/policy.js';
import type { z } from 'zod';
import { toAnyMatcher, toKeyMatcher } from '../key-pattern.js';
import type { PolicyContext, PolicyFinding } from './policy-context.js';

/** Keys that match none of the patterns. */
export function checkNaming(policy: z.infer<typeof NamingPolicy>, { view }: PolicyContext): PolicyFinding[] {
  const concerns = toKeyMatcher(policy.where);
  const allowed = toAnyMatcher(policy.keys);
  const entries = [...view.products, ...view.ports, ...view.subscriptions, ...view.entitlements];
  const wrong = entries.filter(({ kind, key }) => policy.kinds.includes(kind) && concerns(key) && !allowed(key));
  return wrong.map((entry) => {
    const message = `the key ${entry.key} matches none of ${policy.keys.join(', ')}`;
    return { entry, path: ['key'], message, fix: 'rename it' };
  });
}
