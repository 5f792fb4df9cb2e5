import { type CompiledRegistry, compileRegistry } from '../domain/compiled-registry.js';
import type { Clock } from '../ports/clock.js';
import type { RegistryStore } from '../ports/registry-store.js';

/** The registry version to decide with. */
export interface RegistrySource {
  /** The compiled version in force, at most the refresh interval old; undefined before the first apply. */
  current(): Promise<CompiledRegistry | undefined>;
}

/**
 * Hold the compiled registry in memory and compare the pointer every `refreshMs`: one point read per interval, one
 * load and compile per new version. Concurrent callers share one look.
 */
export function createRegistrySource(store: RegistryStore, clock: Clock, refreshMs: number): RegistrySource {
  let compiled: CompiledRegistry | undefined;
  let checkedAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const startedAtMs = clock.nowMs();
    const pointer = await store.pointer();
    if (pointer && pointer.version !== compiled?.version) {
      compiled = compileRegistry(pointer.version, await store.load(pointer.version));
    }
    checkedAtMs = pointer ? startedAtMs : Number.NEGATIVE_INFINITY;
  }

  return {
    async current() {
      const ageMs = clock.nowMs() - checkedAtMs;
      // A negative age: the clock was set back, and the age says nothing.
      if (ageMs >= refreshMs || ageMs < 0) {
        looking ??= look().finally(() => (looking = undefined));
        await looking;
      }
      return compiled;
    },
  };
}
