import { Range, satisfies, validRange } from 'semver';
import { limits } from '../../contracts/limits.js';
import type { OutputPortEntry, SubscriptionEntry } from '../../contracts/registry.js';
import type { EntitlementEntry } from '../../contracts/registry/entitlement.js';
import { checkSubscriptionRules } from './check-subscription-rules.js';
import type { Finding } from './finding.js';
import type { EntryPath } from './registry-problem.js';
import { type NamedInput, toInputPath, toNamedInputs } from './subscription-inputs.js';

/** What exists, by key. */
export interface ReferenceIndex {
  readonly products: ReadonlySet<string>;
  readonly ports: ReadonlyMap<string, OutputPortEntry>;
}

/** A port and its contract versions. */
export function checkPort(port: OutputPortEntry, { products }: ReferenceIndex): Finding[] {
  const owned = {
    noun: 'port',
    member: 'dataProduct',
    product: port.dataProduct,
    code: 'port-outside-product',
  } as const;
  const findings = checkOwner(port, owned, products);
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

/** The product an entry says it belongs to, and where and how it says so. */
interface Owned {
  readonly noun: string;
  readonly member: string;
  readonly product: string;
  readonly code: Finding['code'];
}

/** The entry's key and its member name the same product, and it is declared. */
function checkOwner(
  entry: OutputPortEntry | SubscriptionEntry,
  { noun, member, product, code }: Owned,
  products: ReadonlySet<string>,
): Finding[] {
  const findings: Finding[] = [];
  const path = [member];
  const owner = toOwner(entry.key);
  if (owner !== product) {
    const message = `the key says the ${noun} belongs to ${owner}, ${member} says ${product}`;
    findings.push({ code, entry, path, message, fix: `set ${member} to ${owner}, or rename the ${noun}` });
  }
  if (!products.has(product)) {
    const message = `data product ${product} is not declared`;
    const fix = `declare "kind: DataProduct" with "key: ${product}", or correct the key`;
    findings.push({ code: 'unknown-data-product', entry, path, message, fix });
  }
  return findings;
}

/** A subscription's references and ranges. */
export function checkSubscription(subscription: SubscriptionEntry, { products, ports }: ReferenceIndex): Finding[] {
  const { consumer: product } = subscription;
  const owned = { noun: 'subscription', member: 'consumer', product, code: 'subscription-outside-consumer' } as const;
  const findings = checkOwner(subscription, owned, products);
  const rules = checkSubscriptionRules(subscription).map((finding) => ({ ...finding, entry: subscription }));
  const inputs = toNamedInputs(subscription).flatMap((input) => checkInput(subscription, input, ports));
  return [...findings, ...inputs, ...rules];
}

function checkInput(
  entry: SubscriptionEntry,
  { name, input }: NamedInput,
  ports: ReadonlyMap<string, OutputPortEntry>,
): Finding[] {
  const place = toInputPath(entry, name);
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
  const versions = port.contracts.map(({ version }) => version).join(', ') || 'none';
  const message = `no contract version of ${port.key} is in ${text} (there are ${versions})`;
  return [{ severity: 'warning', code: 'no-version-in-range', entry, path, message, fix: 'widen the range' }];
}

/** An entitlement's references, and whether it is still good. */
export function checkEntitlement(
  entry: EntitlementEntry,
  { products, ports }: ReferenceIndex,
  nowMs: number,
): Finding[] {
  const findings: Finding[] = [];
  const granter = toOwner(entry.key);
  if (granter !== toOwner(entry.port)) {
    const message = `the key says ${granter} grants it, but the port belongs to ${toOwner(entry.port)}`;
    const fix = `start the key with ent.${entry.port.split('.').slice(1, 3).join('.')}: whoever owns a port grants its use`;
    findings.push({ code: 'entitlement-outside-product', entry, path: ['key'], message, fix });
  }
  const warn = (code: string, path: EntryPath, message: string, fix: string): void => {
    findings.push({ severity: 'warning', code, entry, path, message, fix });
  };
  if (!ports.has(entry.port)) {
    warn(
      'unresolved-port',
      ['port'],
      `output port ${entry.port} is not declared yet`,
      'declare it, or correct the key',
    );
  }
  if (!products.has(entry.product)) {
    const message = `data product ${entry.product} is not declared yet`;
    warn('unresolved-data-product', ['product'], message, 'declare it, or correct the key');
  }
  if (entry.expires !== undefined && Date.parse(entry.expires) <= nowMs) {
    warn('entitlement-expired', ['expires'], `the entitlement ended at ${entry.expires}`, 'renew or remove it');
  }
  return findings;
}

/** The data product that a key names: `op.sales.orders.daily` belongs to `dp.sales.orders`. */
export function toOwner(key: string): string {
  const [, domain, product] = key.split('.');
  return `dp.${domain}.${product}`;
}
