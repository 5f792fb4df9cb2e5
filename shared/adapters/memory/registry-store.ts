import type { RegistryDocument } from '../../contracts/registry.js';
import { RetryableError } from '../../ports/errors.js';
import type { RegistryPointer, RegistryStore, RegistryVersionInfo } from '../../ports/registry-store.js';

/** Registry versions in memory, equal to those on Table Storage by contract suite. */
export function createMemoryRegistryStore(): RegistryStore {
  /** As text: nobody who holds a loaded document can change what is stored. */
  const documents = new Map<string, string>();
  const infos = new Map<string, RegistryVersionInfo>();
  let pointer: RegistryPointer | undefined;
  let writes = 0;
  return {
    pointer: () => Promise.resolve(pointer),
    load(version) {
      const document = documents.get(version);
      if (document) return Promise.resolve(JSON.parse(document) as RegistryDocument);
      return Promise.reject(
        new RetryableError(`registry version ${version} is incomplete; run "outport registry apply" again`),
      );
    },
    versions({ limit }) {
      const found: RegistryVersionInfo[] = [];
      for (let next = pointer?.version; next !== undefined && found.length < limit;) {
        const info = infos.get(next);
        if (info) found.push(info);
        next = info?.base;
      }
      return Promise.resolve(found);
    },
    publish({ version, document, expected, appliedAt, appliedBy, reason }) {
      if (!documents.has(version)) documents.set(version, JSON.stringify(document));
      if (pointer?.etag !== expected?.etag) return Promise.resolve(false);
      const base = expected?.version;
      const stamp = { appliedAt, appliedBy, ...(reason !== undefined && { reason }) };
      infos.set(version, { version, ...(base !== undefined && { base }), ...stamp });
      pointer = { version, appliedAt, appliedBy, etag: `W/"${++writes}"` };
      return Promise.resolve(true);
    },
  };
}
