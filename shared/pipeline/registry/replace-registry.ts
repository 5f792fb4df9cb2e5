import { readRegistryEntries } from '../../domain/registry/read-entries.js';
import type { RegistryProblem, SourceDocument } from '../../domain/registry/registry-problem.js';
import { applyRegistry, type ApplyOutcome } from '../apply-registry.js';
import type { ApplyDeps, ChangeRequest } from './publish-registry.js';

/** Members of a registry document that hold entries. */
const lists = ['products', 'ports', 'subscriptions', 'policies', 'entitlements', 'standards'] as const;

/**
 * Put a whole registry in force from JSON nobody has looked at, in the shape that reading one gives: every entry is
 * read, checked and reported as one of a file would be. @throws RetryableError | TerminalError
 */
export async function replaceRegistry(value: unknown, request: ChangeRequest, deps: ApplyDeps): Promise<ApplyOutcome> {
  const sources = toSources(value);
  if (!Array.isArray(sources)) return { kind: 'refused', problems: [sources] };
  const { document, problems } = readRegistryEntries(sources);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return { kind: 'refused', problems: errors };
  return applyRegistry(document, request, deps);
}

function toSources(value: unknown): SourceDocument[] | RegistryProblem {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return toRefusal('$', 'is no registry document', 'send an object with products, ports and subscriptions');
  }
  const members = Object.entries(value);
  const unknown = members.find(([name]) => !lists.some((list) => list === name));
  if (unknown) return toRefusal(unknown[0].slice(0, 64), 'is no member of a registry', `use ${lists.join(', ')}`);
  const noList = members.find(([, list]) => !Array.isArray(list));
  if (noList) return toRefusal(noList[0], 'is no list', 'send a list of entries');
  return members.flatMap(([name, list]) =>
    // Lists only, checked above.
    (list as unknown[]).map((entry, index) => ({ file: `${name}[${index}]`, value: entry, lineOf: () => undefined })),
  );
}

function toRefusal(path: string, message: string, fix: string): RegistryProblem {
  return { severity: 'error', code: 'invalid-document', path, message, fix };
}
