import type { Pause } from '../../contracts/controls.js';
import type { ControlState, ControlStore } from '../../ports/control-store.js';
import type { ReplayStore, StoredReplay } from '../../ports/replay-store.js';

/** Controls in memory, equal to those on Table Storage by contract suite. */
export function createMemoryControlStore(): ControlStore {
  let state: ControlState = { pauses: [], etag: 'none' };
  let writes = 0;
  return {
    read: () => Promise.resolve(state),
    replace(pauses: readonly Pause[], etag) {
      if (etag !== state.etag) return Promise.resolve(undefined);
      state = { pauses: structuredClone([...pauses]), etag: `W/"${++writes}"` };
      return Promise.resolve(state);
    },
  };
}

/** Replays in memory, equal to those on Table Storage by contract suite. */
export function createMemoryReplayStore(): ReplayStore {
  const replays = new Map<string, StoredReplay>();
  let writes = 0;
  const write = (job: StoredReplay['job']): StoredReplay => {
    const stored = { job: structuredClone(job), etag: `W/"${++writes}"` };
    replays.set(job.name, stored);
    return stored;
  };
  return {
    create: (job) => Promise.resolve(replays.has(job.name) ? undefined : write(job)),
    get: (name) => Promise.resolve(replays.get(name)),
    update: (job, etag) => Promise.resolve(replays.get(job.name)?.etag === etag ? write(job) : undefined),
    list(limit, state) {
      const jobs = [...replays.values()].map(({ job }) => job);
      const own = jobs.filter((job) => state === undefined || job.state === state);
      return Promise.resolve(own.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit));
    },
  };
}
