import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { settlePort } from '../../local/stack/ports.js';

/** A program that was started for a run and is stopped with it. */
export interface Server {
  stop(): Promise<void>;
}

/** Who a program runs as where this process is root and the program refuses that. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

const graceMs = 10_000;
const readyMs = 60_000;

/** Where a program is on PATH; undefined when it is not there. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** An empty folder for one run. */
export async function makeFolder(name: string, owner?: Identity): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), `bench-${name}-`));
  if (owner) await chown(folder, owner.uid, owner.gid);
  return folder;
}

export function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

export function freePort(): Promise<number> {
  return settlePort({ option: 'port', port: 0 });
}

/** Run a program to its end. @throws Error with what it said when it fails */
export function runProgram(file: string, args: readonly string[], as?: Identity): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, { encoding: 'utf8', cwd: tmpdir(), ...as });
  if (status !== 0) throw new Error(`${file} failed: ${error?.message ?? stderr}`);
  return stdout;
}

/** Start a server and wait until its port answers. It dies with this process. @throws Error when it ends instead */
export async function startServer(
  file: string,
  args: readonly string[],
  { port, env, cwd, as }: { port: number; env?: NodeJS.ProcessEnv; cwd: string; as?: Identity | undefined },
): Promise<Server> {
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], ...as });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => lines.splice(0, lines.length - 20, String(text)));
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  for (const untilMs = Date.now() + readyMs; !(await answers(port)); await sleep(50)) {
    if (child.exitCode !== null || Date.now() > untilMs) throw new Error(`${file} did not start: ${lines.join('')}`);
  }
  return {
    stop: async () => {
      process.off('exit', killWithUs);
      await endChild(child, 'SIGINT');
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Start a program of this folder in a process of its own, as a system's handlers are; ready when it says so. */
export async function startApp(file: string, settings: object): Promise<Server> {
  const child = fork(file, [JSON.stringify(settings)], { stdio: 'inherit' });
  const [message] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as unknown[];
  if (message !== 'ready') throw new Error(`${file} ended before it was ready`);
  return { stop: () => endChild(child, 'SIGTERM') };
}

/** The settings an app was started with, and the word that it is ready; it ends when told to or left alone. */
export function readAppSettings<T>(): T {
  process.on('disconnect', () => process.exit(0));
  process.on('SIGTERM', () => process.exit(0));
  return JSON.parse(process.argv[2] ?? '{}') as T; // Written by `startApp` of this folder.
}

export function sayReady(): void {
  process.send?.('ready');
}

async function endChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(timer);
}
