import { openAdapters, openStores } from '../../shared/adapters/open-adapters.js';
import type { Settings } from '../../shared/config/settings.js';
import type { AdvanceDeps } from '../../shared/pipeline/operators/advance-replay.js';
import { type OperatorDeps, toOperatorDeps } from '../../shared/pipeline/operators/operator-deps.js';
import type { RedriveDeps } from '../../shared/pipeline/operators/redrive.js';
import { loadSettings } from '../environment.js';

const clock = { nowMs: () => Date.now() };

/** The operators' use cases that only look, on the stores that the settings name. */
export function openOperator(settings: Settings = loadSettings()): OperatorDeps {
  const { stages, registryRefreshMs: refreshMs } = settings;
  return toOperatorDeps(openStores(settings), { stages, clock, refreshMs });
}

/** What the use cases that change something need beside the stores. */
export type ActingDeps = OperatorDeps & AdvanceDeps & RedriveDeps;

/** Run work that needs storage and messaging; connections are closed behind it. */
export async function withOperator<T>(work: (deps: ActingDeps) => Promise<T>): Promise<T> {
  const settings = loadSettings();
  const { stages, registryRefreshMs: refreshMs } = settings;
  const adapters = openAdapters(settings);
  const { queues, publisher, deadLetters } = adapters;
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  try {
    return await work({
      ...toOperatorDeps(adapters, { stages, clock, refreshMs }),
      queues,
      publisher,
      deadLetters,
      wait,
    });
  } finally {
    await adapters.close();
  }
}
