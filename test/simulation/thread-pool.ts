import { Worker } from 'node:worker_threads';
import type { PlayedSeeds } from './play-seeds.js';
import type { Task } from './worker.js';

/** Give tasks to threads, one at a time each, and hand every answer to `onPlayed`. @throws what a thread throws */
export async function runTasks(
  tasks: readonly Task[],
  threads: number,
  onPlayed: (played: PlayedSeeds, task: Task) => void,
): Promise<void> {
  const queue = tasks.values();
  await Promise.all(Array.from({ length: threads }, () => runThread(queue, onPlayed)));
}

function runThread(
  queue: Iterator<Task, undefined>,
  onPlayed: (played: PlayedSeeds, task: Task) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.js', import.meta.url));
    let current: Task | undefined;
    const next = (): void => {
      const item: IteratorResult<Task, undefined> = queue.next();
      if (item.done === true) {
        void worker.terminate().then(() => resolve());
        return;
      }
      current = item.value;
      worker.postMessage(current);
    };
    worker.on('message', (played: PlayedSeeds) => {
      if (current) onPlayed(played, current);
      next();
    });
    worker.on('error', reject);
    next();
  });
}
