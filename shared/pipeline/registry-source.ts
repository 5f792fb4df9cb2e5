import { type CompiledRegistry, compileRegistry } from '../domain/compiled-registry.js';
import type { Clock } from '../ports/clock.js';
import type { RegistryStore } from '../ports/registry-store.js';
import { createRefreshedReading } from './refreshed-reading.js';

/** The registry version to decide with. */
export interface RegistrySource {
  /** The compiled version in force, at most the refresh interval old; undefined before the first apply. */
  current(): Promise<CompiledRegistry | undefined>;
}

/**
 * Hold the compiled registry in memory and compare the pointer every `refreshMs`: one point read per interval, one
 * load and compile per new version.
 */
export function createRegistrySource(store: RegistryStore, clock: Clock, refreshMs: number): RegistrySource {
  async function read(compiled: CompiledRegistry | undefined): Promise<CompiledRegistry | undefined> {
    const pointer = await store.pointer();
    if (pointer === undefined || pointer.version === compiled?.version) return compiled;
    return compileRegistry(pointer.version, await store.load(pointer.version));
  }

  return { current: createRefreshedReading<CompiledRegistry | undefined>(read, clock, refreshMs) };
}
