import type { RegistryDocument, RegistryEntry } from '../../contracts/registry.js';
import { checkContractVersions } from './check-contracts.js';
import { checkEntitlement, checkPort, checkSubscription, type ReferenceIndex, toOwner } from './check-references.js';
import { type ConsumptionEdge, toConsumptionGraph } from './consumption-graph.js';
import { findCycles } from './cycles.js';
import type { Finding } from './finding.js';
import { checkPolicies } from './policy/check-policies.js';
import { type Locate, type RegistryProblem, toPathText } from './registry-problem.js';
import { type RegistryView, toRegistryView } from './registry-view.js';
import type { StandardFinding } from './standards/standard-finding.js';

/**
 * Everything wrong with a registry as a whole: references, ownership, ranges, contracts, policies, and consumption
 * that runs in a circle. Errors must be mended before it can be applied; warnings are accepted. `locate` adds file and
 * line. Without `nowMs` nothing counts as expired.
 */
export function checkRegistry(
  document: RegistryDocument,
  locate: Locate = () => ({}),
  nowMs = Number.NEGATIVE_INFINITY,
): RegistryProblem[] {
  const view = toRegistryView(document);
  const locateIn = toLocateDerived(view, locate);
  const index: ReferenceIndex = {
    products: new Set(view.products.map(({ key }) => key)),
    ports: new Map(view.ports.map((entry) => [entry.key, entry])),
  };
  const findings = [
    ...findDuplicateKeys(toEntries(view), locateIn),
    ...view.ports.flatMap((port) => checkPort(port, index)),
    ...view.subscriptions.flatMap((subscription) => checkSubscription(subscription, index)),
    ...view.entitlements.flatMap((entitlement) => checkEntitlement(entitlement, index, nowMs)),
    ...checkPolicies(view, nowMs),
    ...findCycles(toConsumptionGraph(view)).map(toCycleFinding),
  ];
  const contracts = view.standards.filter((each) => each.kind === 'DataContract');
  return [
    ...[...view.findings, ...checkContractVersions(contracts)].map((finding) => toStandardProblem(finding, locate)),
    ...findings.map((finding) => toProblem(finding, locateIn)),
  ];
}

function toEntries({ products, ports, subscriptions, policies, entitlements }: RegistryView): RegistryEntry[] {
  return [...products, ...ports, ...subscriptions, ...policies, ...entitlements];
}

/** Derived entries stand where the document they come from stands. */
function toLocateDerived({ origins }: RegistryView, locate: Locate): Locate {
  return (entry, path) => {
    const origin = origins.get(entry);
    return origin === undefined ? locate(entry, path) : locate(origin.original, [...origin.path, ...path]);
  };
}

function toProblem({ severity, code, entry, path, message, fix, policy }: Finding, locate: Locate): RegistryProblem {
  return {
    severity: severity ?? 'error',
    code,
    ...locate(entry, path),
    key: entry.key,
    path: toPathText(path),
    message,
    fix,
    ...(policy && { policy }),
  };
}

function toStandardProblem(finding: StandardFinding, locate: Locate): RegistryProblem {
  const { severity, code, original, path, message, fix } = finding;
  const place = locate(original, path);
  return { severity: severity ?? 'error', code, ...place, key: original.id, path: toPathText(path), message, fix };
}

function findDuplicateKeys(entries: readonly RegistryEntry[], locate: Locate): Finding[] {
  const first = new Map<string, RegistryEntry>();
  return entries.flatMap((entry) => {
    const earlier = first.get(entry.key);
    if (earlier === undefined) {
      first.set(entry.key, entry);
      return [];
    }
    const { file, line } = locate(earlier, ['key']);
    const where = file === undefined ? 'elsewhere' : `in ${file}${line === undefined ? '' : `:${line}`}`;
    const message = `"${entry.key}" is declared a second time; the first is ${where}`;
    return [{ code: 'duplicate-key', entry, path: ['key'], message, fix: 'remove one of them or rename it' }];
  });
}

/** Edges named in a cycle's message; a chain of a hundred thousand would help nobody. */
const edgesShown = 20;

function toCycleFinding(cycle: ConsumptionEdge[]): Finding {
  const shown = cycle.length <= edgesShown ? cycle : cycle.slice(0, edgesShown - 1);
  const [first] = cycle;
  const last = cycle.at(-1);
  if (first === undefined || last === undefined) throw new Error('a cycle without edges cannot exist');
  const omitted = cycle.length - shown.length - 1;
  const tail = omitted > 0 ? [`(${omitted} more)`, toOwner(last.port), last.port] : [];
  const steps = shown.flatMap((edge) => [toOwner(edge.port), edge.port]);
  const chain = [...steps, ...tail, toOwner(first.port)].join(' -> ');
  const made = [...shown, ...(omitted > 0 ? [last] : [])].map((edge) => edge.subscription.key).join(', ');
  const self = cycle.length === 1;
  return {
    code: self ? 'self-consumption' : 'cycle',
    entry: last.subscription,
    path: last.path,
    message: `${self ? 'a data product consumes itself' : 'consumption runs in a circle'} in stage ${last.subscription.stage}: ${chain} (made by ${made})`,
    fix: self ? 'remove the subscription' : 'remove one of these subscriptions',
  };
}
