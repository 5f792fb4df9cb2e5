import type { RegistryDocument } from '../../contracts/registry.js';
import { RetryableError } from '../../ports/errors.js';
import type { RegistryPointer, RegistryStore } from '../../ports/registry-store.js';

/** Registry versions in memory, equal to those on Table Storage by contract suite. */
export function createMemoryRegistryStore(): RegistryStore {
  const documents = new Map<string, RegistryDocument>();
  let pointer: RegistryPointer | undefined;
  let writes = 0;
  return {
    pointer: () => Promise.resolve(pointer),
    load(version) {
      const document = documents.get(version);
      if (document) return Promise.resolve(structuredClone(document));
      return Promise.reject(
        new RetryableError(`registry version ${version} is incomplete; run "outport registry apply" again`),
      );
    },
    publish({ version, document, expected, appliedAt, appliedBy }) {
      if (!documents.has(version)) documents.set(version, structuredClone(document));
      if (pointer?.etag !== expected?.etag) return Promise.resolve(false);
      pointer = { version, appliedAt, appliedBy, etag: `W/"${++writes}"` };
      return Promise.resolve(true);
    },
  };
}
