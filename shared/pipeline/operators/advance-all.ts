import { type AdvanceDeps, advanceReplay } from './advance-replay.js';

/** Replays looked at in one go; running ones are few. */
const replaysLooked = 500;

/** Go on with every running replay that nobody else drives, one after the other, until `isOver`. @throws RetryableError */
export async function advanceAll(isOver: () => boolean, deps: AdvanceDeps): Promise<{ advanced: number }> {
  const running = (await deps.replayStore.list(replaysLooked)).filter(({ state }) => state === 'running');
  let advanced = 0;
  for (const { name } of running) {
    if (isOver()) break;
    await advanceReplay(name, { isOver }, deps);
    advanced += 1;
  }
  return { advanced };
}
