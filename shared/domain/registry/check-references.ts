import { Range, satisfies, validRange } from 'semver';
import { limits } from '../../contracts/limits.js';
import type { OutputPortEntry, RegistryEntry, SubscriptionEntry } from '../../contracts/registry.js';
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
  if (!products.has(port.dataProduct)) findings.push(toUnknownProduct(port, ['dataProduct'], port.dataProduct));
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

/** A subscription's references and ranges. */
export function checkSubscription(subscription: SubscriptionEntry, { products, ports }: ReferenceIndex): Finding[] {
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
