import type { RegistryDocument } from '../../contracts/registry.js';
import { TerminalError } from '../../ports/errors.js';
import type { RegistryPointer, RegistryStore } from '../../ports/registry-store.js';

/** The registry version in force, with its document. */
export interface RegistryInForce {
  readonly pointer: RegistryPointer;
  readonly document: RegistryDocument;
}

/** What is in force; undefined before the first apply. @throws RetryableError | TerminalError when it is damaged */
export async function readRegistry(store: RegistryStore): Promise<RegistryInForce | undefined> {
  const pointer = await store.pointer();
  return pointer && { pointer, document: await store.load(pointer.version) };
}

/** A damaged version has nothing to compare with; applying again is how it is mended. */
export async function loadToCompare(
  pointer: RegistryPointer | undefined,
  store: RegistryStore,
): Promise<RegistryDocument | undefined> {
  if (pointer === undefined) return undefined;
  try {
    return await store.load(pointer.version);
  } catch (error) {
    if (error instanceof TerminalError) return undefined;
    throw error;
  }
}
