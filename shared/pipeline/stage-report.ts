import type { StageMessage } from '../contracts/stage-messages.js';
import type { DriverCounts } from './batch-driver.js';

/** Hears what became of the messages of one invocation, stage by stage. */
export interface StageReport {
  /** `results` are what the stage counted, one for each group it worked on. */
  handled(stage: StageMessage['kind'], counts: DriverCounts, results: readonly object[]): void;
  /** A fault, also one that a later attempt mends. */
  fault(stage: StageMessage['kind'], error: unknown): void;
}
