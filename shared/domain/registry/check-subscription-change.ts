import type { RegistryDocument, SubscriptionEntry } from '../../contracts/registry.js';
import { checkRegistry } from './check-registry.js';
import { type ConsumptionOrder } from './consumption-order.js';
import type { RegistryProblem } from './registry-problem.js';
import { toInputs } from './subscription-inputs.js';

/**
 * Everything wrong with one subscription put into a registry that is known to be good: its references and policies,
 * then whether data would run in a circle. Other subscriptions, ports and products are not checked again.
 * `order` is changed when the subscription is accepted, and as it was when not.
 */
export function checkSubscriptionChange(
  entry: SubscriptionEntry,
  document: RegistryDocument,
  order: ConsumptionOrder,
  nowMs: number,
): RegistryProblem[] {
  const problems = checkRegistry(toSurroundings(entry, document), undefined, nowMs).filter(
    ({ key }) => key === entry.key,
  );
  if (problems.some(({ severity }) => severity === 'error')) return problems;
  const outcome = order.put(entry);
  if (outcome.kind === 'accepted') return problems;
  const made = outcome.madeBy.join(', ');
  const cycle: RegistryProblem = {
    severity: 'error',
    code: outcome.madeBy.length === 1 ? 'self-consumption' : 'cycle',
    key: entry.key,
    path: 'port',
    message: `consumption would run in a circle in stage ${entry.stage}: ${outcome.chain} (made by ${made})`,
    fix: `leave out ${outcome.drop}`,
  };
  return [...problems, cycle];
}

/** The part of a registry that one subscription's references and policies are about. */
function toSurroundings(entry: SubscriptionEntry, document: RegistryDocument): RegistryDocument {
  const ports = new Set(toInputs(entry).map(({ port }) => port));
  const own = document.ports.filter(({ key }) => ports.has(key));
  const products = new Set([entry.consumer, ...own.map(({ dataProduct }) => dataProduct)]);
  const { policies, standards } = document;
  const entitlements = document.entitlements?.filter(
    ({ product, port }) => product === entry.consumer && ports.has(port),
  );
  return {
    products: document.products.filter(({ key }) => products.has(key)),
    ports: own,
    subscriptions: [entry],
    ...(policies && { policies }),
    ...(entitlements && { entitlements }),
    ...(standards && { standards }),
  };
}
