import { type AdvanceDeps, advanceReplay } from './advance-replay.js';

/** Running replays looked at in one go. */
const replaysLooked = 500;

/**
 * Go on with every running replay that nobody else drives, one after the other, until `isOver`. One that fails keeps
 * none of the others waiting. @throws the first failure, when all had their turn
 */
export async function advanceAll(isOver: () => boolean, deps: AdvanceDeps): Promise<{ advanced: number }> {
  const running = await deps.replayStore.list(replaysLooked, 'running');
  const failures: unknown[] = [];
  let advanced = 0;
  for (const { name } of running) {
    if (isOver()) break;
    try {
      await advanceReplay(name, { isOver }, deps);
      advanced += 1;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return { advanced };
}
