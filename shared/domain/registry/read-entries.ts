import {
  ContractEntry,
  DataProductEntry,
  OutputPortEntry,
  type RegistryDocument,
  RegistryEntry,
  SubscriptionEntry,
} from '../../contracts/registry.js';
import { at, toEntryProblems } from './entry-problems.js';
import {
  type EntryPath,
  type Locate,
  type RegistryProblem,
  type SourceDocument,
  toPathText,
  toPlace,
} from './registry-problem.js';

/** What became of the documents: the entries that could be read, where they stand, and everything wrong. */
export interface ReadEntries {
  readonly document: RegistryDocument;
  readonly locate: Locate;
  readonly problems: RegistryProblem[];
}

/** Read each document as one registry entry. Entries come sorted by key; those with errors are left out. */
export function readRegistryEntries(sources: readonly SourceDocument[]): ReadEntries {
  const problems: RegistryProblem[] = [];
  const sourceOf = new Map<RegistryEntry, SourceDocument>();
  for (const source of sources) {
    const parsed = RegistryEntry.safeParse(source.value);
    if (parsed.success) {
      sourceOf.set(parsed.data, source);
      problems.push(...findUnknownMembers(source, parsed.data));
    } else {
      problems.push(...toEntryProblems(source, parsed.error));
    }
  }
  const locate: Locate = (entry, path) => {
    const source = sourceOf.get(entry);
    return source === undefined ? {} : toPlace(source, path);
  };
  return { document: toRegistryDocument([...sourceOf.keys()]), locate, problems };
}

/** Entries as one document, each kind sorted by key. */
export function toRegistryDocument(entries: readonly RegistryEntry[]): RegistryDocument {
  const sorted = [...entries].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return {
    products: sorted.filter((entry) => entry.kind === 'DataProduct'),
    ports: sorted.filter((entry) => entry.kind === 'OutputPort'),
    subscriptions: sorted.filter((entry) => entry.kind === 'Subscription'),
  };
}

const members = {
  DataProduct: Object.keys(DataProductEntry.shape),
  OutputPort: Object.keys(OutputPortEntry.shape),
  Subscription: Object.keys(SubscriptionEntry.shape),
};
const contractMembers = Object.keys(ContractEntry.shape);

/** Unknown members are kept, but most often they are known ones with a typing error. `x-` marks them as meant. */
function findUnknownMembers(source: SourceDocument, entry: RegistryEntry): RegistryProblem[] {
  const places: [EntryPath, readonly string[]][] = [[[], members[entry.kind]]];
  if (entry.kind === 'OutputPort') entry.contracts.forEach((_, i) => places.push([['contracts', i], contractMembers]));
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
