import type { z } from 'zod';
import { type LayerPolicy, layers } from '../../../contracts/registry/policy.js';
import { toKeyMatcher } from '../key-pattern.js';
import { listWishes, type PolicyContext, type PolicyFinding, toPortLayer } from './policy-context.js';

/** Subscriptions that would let data flow back, e.g. from gold to bronze. What names no layer is left alone. */
export function checkLayers(policy: z.infer<typeof LayerPolicy>, context: PolicyContext): PolicyFinding[] {
  const concerns = toKeyMatcher(policy.consumers);
  return listWishes(policy, context).flatMap(({ subscription, input, place }): PolicyFinding[] => {
    const from = toPortLayer(context.ports.get(input.port), context);
    const to = context.products.get(subscription.consumer)?.layer;
    if (from === undefined || to === undefined || !concerns(subscription.consumer)) return [];
    if (layers.indexOf(from) <= layers.indexOf(to)) return [];
    const message = `${input.port} is ${from}, ${subscription.consumer} is ${to}: data would flow back`;
    return [{ entry: subscription, path: [...place, 'port'], message, fix: `subscribe to a ${to} port or below` }];
  });
}
