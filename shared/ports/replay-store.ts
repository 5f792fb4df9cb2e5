import type { ReplayJob } from '../contracts/replay-job.js';

/** A replay as stored; `etag` changes with every write. */
export interface StoredReplay {
  readonly job: ReplayJob;
  readonly etag: string;
}

/** Replays by name. */
export interface ReplayStore {
  /** `undefined` when the name is taken. @throws RetryableError */
  create(job: ReplayJob): Promise<StoredReplay | undefined>;
  get(name: string): Promise<StoredReplay | undefined>;
  /** Replace if nobody did since `etag`; `undefined` when somebody did. @throws RetryableError */
  update(job: ReplayJob, etag: string): Promise<StoredReplay | undefined>;
  /** Replays by name, all or those in one state, at most `limit`. */
  list(limit: number, state?: ReplayJob['state']): Promise<ReplayJob[]>;
}
