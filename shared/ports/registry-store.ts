import type { RegistryDocument } from '../contracts/registry.js';

/** Which registry version is in force. */
export interface RegistryPointer {
  /** `<number>-<content hash>`; the number grows by one with each apply. */
  readonly version: string;
  readonly appliedAt: string;
  readonly appliedBy: string;
  readonly etag: string;
}

/** One version that is or was in force. */
export interface RegistryVersionInfo {
  readonly version: string;
  /** The version before it; absent for the first. */
  readonly base?: string;
  readonly appliedAt: string;
  readonly appliedBy: string;
  readonly reason?: string;
}

/** Immutable registry versions behind one pointer. */
export interface RegistryStore {
  /** The pointer, or undefined before the first apply. One point read. @throws RetryableError */
  pointer(): Promise<RegistryPointer | undefined>;
  /** Versions from the one in force back to the first, at most `limit`; one point read each. */
  versions(query: { limit: number }): Promise<RegistryVersionInfo[]>;
  /** The document of a version that the pointer has named. @throws RetryableError | TerminalError when it is damaged */
  load(version: string): Promise<RegistryDocument>;
  /**
   * Write the document under `version`, then swap the pointer if it is still `expected` (undefined: none yet).
   * `false` when somebody else swapped it in between; then nothing is in force that was not before.
   */
  publish(request: {
    version: string;
    document: RegistryDocument;
    expected: RegistryPointer | undefined;
    appliedAt: string;
    appliedBy: string;
    reason?: string;
  }): Promise<boolean>;
}
