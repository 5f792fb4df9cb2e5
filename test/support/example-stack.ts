import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Role, toRolesAllowed } from '../../shared/contracts/api/roles.js';
import type { Route } from '../../shared/contracts/api/route.js';
import { routes } from '../../shared/contracts/api/routes.js';
import { type BuiltPackage, buildPackage, type Ran } from './built-package.js';

/** A key per role; the admin's is the master key, as the platform has it. */
export const roleKeys: Readonly<Record<Role, string>> = {
  producer: 'key-of-producers',
  reader: 'key-of-readers',
  operator: 'key-of-operators',
  admin: 'key-of-admins',
};

/** The embedded stack after the example day, with access keys by role. */
export interface ExampleStack {
  readonly built: BuiltPackage;
  readonly httpUrl: string;
  /** Settings by which other programs reach the stack. */
  readonly env: Readonly<Record<string, string>>;
  /** Run `outport` against the stack. */
  outport(args: readonly string[], stdin?: string): Promise<Ran>;
  /** Call the API as a role. */
  call(
    role: Role | undefined,
    method: string,
    path: string,
    more?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Response>;
  stop(): Promise<void>;
}

/** Run `outport start` until it has played the example day and serves. */
export async function startExampleStack(settings: Readonly<Record<string, string>> = {}): Promise<ExampleStack> {
  const built = await buildPackage();
  const dataDir = await mkdtemp(join(tmpdir(), 'outport-example-'));
  await writeFile(join(dataDir, 'keys.json'), JSON.stringify(toKeys()));
  const ports = ['amqp', 'http', 'table', 'blob', 'admin'].flatMap((name) => [`--${name}-port`, '0']);
  const args = [join(built.dir, 'dist/cli/main.js'), 'start', '--data-dir', dataDir, ...ports];
  const child = spawn(process.execPath, args, {
    cwd: dataDir,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...settings },
  });
  const { httpUrl, env } = await readServing(child);
  return {
    built,
    httpUrl,
    env,
    outport: (own, stdin) => built.outport(own, { cwd: dataDir, env, ...(stdin !== undefined && { stdin }) }),
    call: (role, method, path, { body, headers } = {}) => {
      return fetch(`${httpUrl}/api/${path}`, {
        method,
        headers: {
          ...(role && { 'x-functions-key': roleKeys[role] }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    },
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGINT');
        await once(child, 'exit');
      }
      await built.remove();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Each function opens to the keys of the roles that its route lets in. */
function toKeys(): unknown {
  const functions = Object.entries<Route>(routes).map(([name, { role }]) => {
    const own = toRolesAllowed(role).filter((each) => each !== 'admin');
    return [name, Object.fromEntries(own.map((each) => [each, roleKeys[each]]))];
  });
  return {
    master: roleKeys.admin,
    host: { default: 'key-of-the-host' },
    functions: Object.fromEntries(functions) as unknown,
  };
}

async function readServing(child: ChildProcess): Promise<{ httpUrl: string; env: Record<string, string> }> {
  const env: Record<string, string> = {};
  let httpUrl = '';
  if (child.stdout === null) throw new Error('the output is piped');
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    httpUrl = /^serving at (\S+)/.exec(line)?.[1] ?? httpUrl;
    const [, name, value] = /^ {2}export (\w+)='(.*)'$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) env[name] = value;
    // The last of the settings that are printed.
    if (name === 'OUTPORT_TABLES') break;
  }
  child.stdout.resume();
  if (httpUrl === '') throw new Error('the stack did not come up; its output is above');
  return { httpUrl, env };
}
