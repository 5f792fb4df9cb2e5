import type { Stack } from '../../../local/stack/start-stack.js';

/** What is done to a process under load. */
export const faults = [
  'host SIGKILL',
  'host SIGTERM',
  'host SIGSTOP',
  'broker SIGKILL',
  'broker SIGTERM',
  'broker SIGSTOP',
  'storage SIGKILL',
  'storage SIGTERM',
  'storage SIGSTOP',
  'all SIGKILL',
  'host clock',
] as const;
export type Fault = (typeof faults)[number];

type Part = Stack['host'] | Stack['broker'] | Stack['storage'];

/** Inflict a fault and mend it: the process is up again, or goes on, when this resolves. */
export async function inflict(fault: Fault, stack: Stack, pauseMs: number): Promise<void> {
  const { host, broker, storage } = stack;
  switch (fault) {
    case 'host SIGKILL':
      return endAndRestart(host, 'SIGKILL');
    case 'host SIGTERM':
      return endAndRestart(host, 'SIGTERM');
    case 'broker SIGKILL':
      return endAndRestart(broker, 'SIGKILL');
    case 'broker SIGTERM':
      return endAndRestart(broker, 'SIGTERM');
    case 'storage SIGKILL':
      return endAndRestart(storage, 'SIGKILL');
    case 'storage SIGTERM':
      return endAndRestart(storage, 'SIGTERM');
    case 'all SIGKILL':
      await Promise.all([host.kill('SIGKILL'), broker.kill('SIGKILL'), storage.kill('SIGKILL')]);
      await Promise.all([broker.restart(), storage.restart()]);
      return host.restart();
    case 'host SIGSTOP':
      return pause(host, ['SIGSTOP', 'SIGCONT'], pauseMs);
    case 'broker SIGSTOP':
      return pause(broker, ['SIGSTOP', 'SIGCONT'], pauseMs);
    case 'storage SIGSTOP':
      return pause(storage, ['SIGSTOP', 'SIGCONT'], pauseMs);
    case 'host clock':
      return pause(host, ['SIGUSR2', 'SIGUSR2'], pauseMs);
    default:
      return fault satisfies never;
  }
}

async function endAndRestart(part: Part, signal: NodeJS.Signals): Promise<void> {
  await part.kill(signal);
  await part.restart();
}

async function pause(part: Part, [begin, end]: [NodeJS.Signals, NodeJS.Signals], pauseMs: number): Promise<void> {
  const { pid } = part;
  if (pid === undefined) throw new Error('the process is not running');
  process.kill(pid, begin);
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  process.kill(pid, end);
}
