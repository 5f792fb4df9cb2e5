import { DataProductKey } from '../../../contracts/keys.js';
import type { DataProductEntry, OutputPortEntry } from '../../../contracts/registry.js';
import { Layer } from '../../../contracts/registry/policy.js';
import type { StandardDataProduct, StandardOutputPort } from '../../../contracts/registry/data-product-standard.js';
import type { EntryPath } from '../registry-problem.js';
import { type ContractShelf, findContract } from './contract-shelf.js';
import { deriveContract } from './derive-contract.js';
import { toCustomText, toCustomValue, toSlug } from './derived-keys.js';
import type { StandardFinding } from './standard-finding.js';

/** Our entries for one product in the shape of the standard, and where each stands in it. */
export interface DerivedProduct {
  readonly product: DataProductEntry;
  readonly ports: readonly { readonly entry: OutputPortEntry; readonly path: EntryPath }[];
}

/** Either our entries, or nothing when the document does not say enough; findings in both cases. */
export function deriveProduct(
  original: StandardDataProduct,
  contracts: ContractShelf,
  findings: StandardFinding[],
): DerivedProduct | undefined {
  const key = toProductKey(original, findings);
  const owner = toOwner(original);
  if (owner === undefined) {
    const message = 'nobody is named as owner: there is no team, and no custom property outportOwner';
    const fix = 'name a team member with role "owner", or set the custom property outportOwner';
    findings.push({ code: 'no-owner', original, path: ['team'], message, fix });
  }
  if (key === undefined || owner === undefined) return undefined;
  const layer = toLayer(original.customProperties, original, findings);
  const product: DataProductEntry = {
    kind: 'DataProduct',
    key,
    owner,
    ...(original.description?.purpose && { description: original.description.purpose.slice(0, 1_000) }),
    ...(layer && { layer }),
  };
  return { product, ports: derivePorts(original, key, contracts, findings) };
}

function toProductKey(original: StandardDataProduct, findings: StandardFinding[]): string | undefined {
  const explicit = toCustomText(original.customProperties, 'outportKey');
  const domain = toSlug(original.domain ?? '');
  const name = toSlug(original.name ?? original.id);
  const key = explicit ?? `dp.${domain}.${name}`;
  if (DataProductKey.safeParse(key).success) return key;
  const message =
    explicit === undefined
      ? `domain "${original.domain ?? ''}" and name "${original.name ?? original.id}" give no key (${key})`
      : `custom property outportKey is "${explicit}"`;
  const fix = 'set the custom property outportKey to dp.<domain>.<product>';
  findings.push({
    code: 'no-key',
    original,
    path: explicit === undefined ? ['domain'] : ['customProperties'],
    message,
    fix,
  });
  return undefined;
}

function toOwner({ customProperties, team }: StandardDataProduct): string | undefined {
  const explicit = toCustomText(customProperties, 'outportOwner');
  const members = (Array.isArray(team) ? team : team?.members) ?? [];
  const active = members.filter(({ dateOut }) => !dateOut);
  const lead = active.find(({ role }) => role?.toLowerCase() === 'owner') ?? active[0];
  const name = explicit ?? (Array.isArray(team) ? undefined : team?.name) ?? lead?.username ?? lead?.name;
  return name ? name.slice(0, 1_000) : undefined;
}

function toLayer(
  list: StandardDataProduct['customProperties'],
  original: StandardDataProduct,
  findings: StandardFinding[],
): Layer | undefined {
  const value = toCustomValue(list, 'outportLayer');
  if (value === undefined) return undefined;
  const layer = Layer.safeParse(value);
  if (layer.success) return layer.data;
  const message = 'custom property outportLayer is none of bronze, silver, gold';
  findings.push({
    code: 'unknown-layer',
    original,
    path: ['customProperties'],
    message,
    fix: 'set it to one of these',
  });
  return undefined;
}

/** One port of ours for each name; its versions are the standard's entries of that name. */
function derivePorts(
  original: StandardDataProduct,
  product: string,
  contracts: ContractShelf,
  findings: StandardFinding[],
): DerivedProduct['ports'] {
  const byKey = new Map<string, { entry: OutputPortEntry; path: EntryPath }>();
  (original.outputPorts ?? []).forEach((port, index) => {
    const path = ['outputPorts', index];
    const key = toCustomText(port.customProperties, 'outportKey') ?? `op.${product.slice(3)}.${toSlug(port.name)}`;
    const known = byKey.get(key) ?? { entry: toPort(original, port, { key, product }, findings), path };
    byKey.set(key, known);
    const place = { original, path };
    const contract = deriveContract(port, findContract(contracts, port, place, findings), place, findings);
    if (contract) known.entry.contracts.push(contract);
  });
  return [...byKey.values()];
}

function toPort(
  original: StandardDataProduct,
  port: StandardOutputPort,
  { key, product }: { key: string; product: string },
  findings: StandardFinding[],
): OutputPortEntry {
  const layer = toLayer(port.customProperties, original, findings);
  return {
    kind: 'OutputPort',
    key,
    dataProduct: product,
    ...(port.description && { description: port.description.slice(0, 1_000) }),
    ...(layer && { layer }),
    contracts: [],
  };
}
