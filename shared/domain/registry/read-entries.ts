import {
  ContractEntry,
  DataProductEntry,
  OutputPortEntry,
  type RegistryDocument,
  RegistryEntry,
  SubscriptionEntry,
} from '../../contracts/registry.js';
import { EntitlementEntry } from '../../contracts/registry/entitlement.js';
import { PolicyEntry } from '../../contracts/registry/policy.js';
import { isStandardDocument, StandardDocument } from '../../contracts/registry/standard-document.js';
import { at, toEntryProblems } from './entry-problems.js';
import {
  type EntryPath,
  type Locate,
  type RegistryProblem,
  type SourceDocument,
  toPathText,
  toPlace,
} from './registry-problem.js';
import { checkSourceShape } from './source-shape.js';
import { byKey } from './registry-view.js';

/** What became of the documents: the entries that could be read, where they stand, and everything wrong. */
export interface ReadEntries {
  readonly document: RegistryDocument;
  readonly locate: Locate;
  readonly problems: RegistryProblem[];
}

/** Read each document as one registry entry, or as one of an open standard. Those with errors are left out. */
export function readRegistryEntries(sources: readonly SourceDocument[]): ReadEntries {
  const problems: RegistryProblem[] = [];
  const entries: RegistryEntry[] = [];
  const standards: StandardDocument[] = [];
  const sourceOf = new Map<RegistryEntry | StandardDocument, SourceDocument>();
  for (const source of sources) {
    const fault = checkSourceShape(source);
    if (fault) {
      problems.push(fault);
    } else if (isStandardDocument(source.value)) {
      const parsed = StandardDocument.safeParse(source.value);
      if (parsed.success) standards.push(remember(sourceOf, parsed.data, source));
      else problems.push(...toEntryProblems(source, parsed.error));
    } else {
      const parsed = RegistryEntry.safeParse(source.value);
      if (parsed.success) entries.push(remember(sourceOf, parsed.data, source));
      else problems.push(...toEntryProblems(source, parsed.error));
      if (parsed.success) problems.push(...findUnknownMembers(source, parsed.data));
    }
  }
  const locate: Locate = (entry, path) => {
    const source = sourceOf.get(entry);
    return source === undefined ? {} : toPlace(source, path);
  };
  return { document: toRegistryDocument(entries, standards), locate, problems };
}

function remember<T extends RegistryEntry | StandardDocument>(
  sourceOf: Map<RegistryEntry | StandardDocument, SourceDocument>,
  entry: T,
  source: SourceDocument,
): T {
  sourceOf.set(entry, source);
  return entry;
}

/** Entries as one document, each kind sorted by key; kinds that came later are absent when there are none. */
export function toRegistryDocument(
  entries: readonly RegistryEntry[],
  standards: readonly StandardDocument[] = [],
): RegistryDocument {
  const sorted = [...entries].sort(byKey);
  const policies = sorted.filter((entry) => entry.kind === 'Policy');
  const entitlements = sorted.filter((entry) => entry.kind === 'Entitlement');
  return {
    products: sorted.filter((entry) => entry.kind === 'DataProduct'),
    ports: sorted.filter((entry) => entry.kind === 'OutputPort'),
    subscriptions: sorted.filter((entry) => entry.kind === 'Subscription'),
    ...(policies.length > 0 && { policies }),
    ...(entitlements.length > 0 && { entitlements }),
    ...(standards.length > 0 && {
      standards: [...standards].sort((a, b) => byKey({ key: toStandardKey(a) }, { key: toStandardKey(b) })),
    }),
  };
}

/** What a standard document is called in plans and lists: standard, id, and the version of a contract. */
export function toStandardKey(document: StandardDocument): string {
  return document.kind === 'DataContract' ? `odcs ${document.id} ${document.version}` : `odps ${document.id}`;
}

const members: Readonly<Record<string, readonly string[]>> = {
  DataProduct: Object.keys(DataProductEntry.shape),
  OutputPort: Object.keys(OutputPortEntry.shape),
  Subscription: Object.keys(SubscriptionEntry.shape),
  Entitlement: Object.keys(EntitlementEntry.shape),
};
const policyMembers = new Map(PolicyEntry.options.map(({ shape }) => [shape.rule.value, Object.keys(shape)] as const));
const contractMembers = Object.keys(ContractEntry.shape);

/** Unknown members are kept, but most often they are known ones with a typing error. `x-` marks them as meant. */
function findUnknownMembers(source: SourceDocument, entry: RegistryEntry): RegistryProblem[] {
  const own = entry.kind === 'Policy' ? policyMembers.get(entry.rule) : members[entry.kind];
  const places: [EntryPath, readonly string[]][] = [[[], own ?? []]];
  if (entry.kind === 'OutputPort') {
    entry.contracts.forEach((_, i) => {
      places.push([['contracts', i], contractMembers], [['contracts', i, 'sla'], ['freshnessMinutes']]);
    });
  }
  if (entry.kind === 'Subscription') {
    places.push([['minimumQuality'], ['status', 'score']], [['freshness'], ['maxAgeMinutes']]);
  }
  return places.flatMap(([path, known]) => {
    const node = at(source.value, path);
    const found = typeof node === 'object' && node !== null ? Object.keys(node) : [];
    const unknown = found.filter((member) => !known.includes(member) && !member.startsWith('x-'));
    return unknown.map((member) => toUnknownMember(source, entry.key, [...path, member], known));
  });
}

function toUnknownMember(
  source: SourceDocument,
  key: string,
  path: EntryPath,
  known: readonly string[],
): RegistryProblem {
  return {
    severity: 'warning',
    code: 'unknown-member',
    ...toPlace(source, path),
    key,
    path: toPathText(path),
    message: 'is not a member that means anything here',
    fix: `use one of ${known.join(', ')}, or start its name with "x-"`,
  };
}
