import { validRange, Range, satisfies } from 'semver';
import { limits } from '../../contracts/limits.js';
import type {
  DataProductEntry,
  OutputPortEntry,
  RegistryDocument,
  RegistryEntry,
  SubscriptionEntry,
} from '../../contracts/registry.js';
import type { ConsumptionEdge } from './consumption-graph.js';
import { toConsumptionGraph } from './consumption-graph.js';
import { findCycles } from './cycles.js';
import { checkSubscriptionRules } from './check-subscription-rules.js';
import { type NamedInput, toNamedInputs } from './subscription-inputs.js';
import { type EntryPath, type Locate, type RegistryProblem, toPathText } from './registry-problem.js';

interface Finding {
  readonly severity?: 'warning';
  readonly code: string;
  readonly entry: RegistryEntry;
  readonly path: EntryPath;
  readonly message: string;
  readonly fix: string;
}

interface Index {
  readonly products: ReadonlyMap<string, DataProductEntry>;
  readonly ports: ReadonlyMap<string, OutputPortEntry>;
}

/**
 * Everything wrong with a registry as a whole: references, ownership, ranges, and consumption that runs in a circle.
 * Errors must be mended before it can be applied; warnings are accepted. `locate` adds file and line.
 */
export function checkRegistry(document: RegistryDocument, locate: Locate = () => ({})): RegistryProblem[] {
  const index: Index = {
    products: new Map(document.products.map((entry) => [entry.key, entry])),
    ports: new Map(document.ports.map((entry) => [entry.key, entry])),
  };
  const findings = [
    ...findDuplicateKeys([...document.products, ...document.ports, ...document.subscriptions], locate),
    ...document.ports.flatMap((port) => checkPort(port, index)),
    ...document.subscriptions.flatMap((subscription) => checkSubscription(subscription, index)),
    ...findCycles(toConsumptionGraph(document)).map(toCycleFinding),
  ];
  return findings.map(({ severity, code, entry, path, message, fix }) => ({
    severity: severity ?? 'error',
    code,
    ...locate(entry, path),
    key: entry.key,
    path: toPathText(path),
    message,
    fix,
  }));
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

function checkPort(port: OutputPortEntry, { products }: Index): Finding[] {
  const findings: Finding[] = [];
  const owner = toOwner(port.key);
  if (owner !== port.dataProduct) {
    findings.push({
      code: 'port-outside-product',
      entry: port,
      path: ['dataProduct'],
      message: `the key says the port belongs to ${owner}, dataProduct says ${port.dataProduct}`,
      fix: `set dataProduct to ${owner}, or rename the port`,
    });
  }
  if (!products.has(port.dataProduct)) {
    findings.push(toUnknownProduct(port, ['dataProduct'], port.dataProduct));
  }
  const seen = new Set<string>();
  port.contracts.forEach(({ version }, position) => {
    if (seen.has(version)) findings.push(toDuplicateVersion(port, position, version));
    seen.add(version);
  });
  return findings;
}

function toDuplicateVersion(port: OutputPortEntry, position: number, version: string): Finding {
  const path = ['contracts', position, 'version'];
  const message = `version ${version} is declared a second time`;
  return { code: 'duplicate-version', entry: port, path, message, fix: 'remove one, or give it its own version' };
}

function toUnknownProduct(entry: RegistryEntry, path: EntryPath, product: string): Finding {
  const message = `data product ${product} is not declared`;
  const fix = `declare "kind: DataProduct" with "key: ${product}", or correct the key`;
  return { code: 'unknown-data-product', entry, path, message, fix };
}

function checkSubscription(subscription: SubscriptionEntry, { products, ports }: Index): Finding[] {
  const findings: Finding[] = [];
  const subscriber = toOwner(subscription.key);
  if (subscriber !== subscription.consumer) {
    findings.push({
      code: 'subscription-outside-consumer',
      entry: subscription,
      path: ['consumer'],
      message: `the key says the subscription belongs to ${subscriber}, consumer says ${subscription.consumer}`,
      fix: `set consumer to ${subscriber}, or rename the subscription`,
    });
  }
  if (!products.has(subscription.consumer)) {
    findings.push(toUnknownProduct(subscription, ['consumer'], subscription.consumer));
  }
  const rules = checkSubscriptionRules(subscription).map((finding) => ({ ...finding, entry: subscription }));
  const inputs = toNamedInputs(subscription).flatMap((input) => checkInput(subscription, input, ports));
  return [...findings, ...inputs, ...rules];
}

function checkInput(entry: SubscriptionEntry, { name, input }: NamedInput, ports: Index['ports']): Finding[] {
  const place = entry.inputs === undefined ? [] : ['inputs', name];
  const port = ports.get(input.port);
  const versions = checkVersions(entry, { path: [...place, 'versions'], text: input.versions, port });
  if (port !== undefined) return versions;
  const message = `output port ${input.port} is not declared, so nothing can fire this subscription yet`;
  const fix = 'declare the port, or correct the key';
  return [{ severity: 'warning', code: 'unresolved-port', entry, path: [...place, 'port'], message, fix }, ...versions];
}

function checkVersions(
  entry: SubscriptionEntry,
  { path, text, port }: { path: EntryPath; text: string; port: OutputPortEntry | undefined },
): Finding[] {
  // The length is checked before the parser sees it; ranges are the one place where its regular expressions run.
  if (text.length > limits.rangeLength || text.trim() === '' || validRange(text) === null) {
    const message = `"${text.slice(0, 40)}" is not a semver range`;
    return [{ code: 'invalid-range', entry, path, message, fix: 'write a range such as ^2.1 or ">=2.1.0 <3"' }];
  }
  const range = new Range(text);
  if (port === undefined || port.contracts.some(({ version }) => satisfies(version, range))) return [];
  const versions = port.contracts.map(({ version }) => version).join(', ');
  const message = `no contract version of ${port.key} is in ${text} (there are ${versions})`;
  return [{ severity: 'warning', code: 'no-version-in-range', entry, path, message, fix: 'widen the range' }];
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
    path: ['port'],
    message: `${self ? 'a data product consumes itself' : 'consumption runs in a circle'} in stage ${last.subscription.stage}: ${chain} (made by ${made})`,
    fix: self ? 'remove the subscription' : 'remove one of these subscriptions',
  };
}

/** The data product that a port's or subscription's key names: `op.sales.orders.daily` belongs to `dp.sales.orders`. */
function toOwner(key: string): string {
  const [, domain, product] = key.split('.');
  return `dp.${domain}.${product}`;
}
