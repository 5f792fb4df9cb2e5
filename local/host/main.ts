import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { FunctionHost } from './function-host.js';
import { createKeys, readOrCreateKeys } from './http/keys.js';
import { createLog, toErrorText, type HostLog } from './log/host-log.js';
import { watchProcess } from './process-guard.js';
import { readAppSettings } from './settings/app-settings.js';
import type { HostSettings } from './settings/host-schema.js';
import { parseHostJson, type Environment } from './settings/host-json.js';
import { loadApp } from './worker/load-app.js';

interface Arguments {
  readonly appDir: string;
  readonly httpPort: number;
  readonly keysFile: string | undefined;
}

/** @throws Error that says how to call */
function readArguments(argv: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    options: { app: { type: 'string' }, 'http-port': { type: 'string', default: '7071' }, keys: { type: 'string' } },
  });
  const httpPort = Number(values['http-port']);
  if (!values.app || !Number.isInteger(httpPort) || httpPort < 0 || httpPort > 65_535) {
    throw new Error('usage: --app <folder with host.json> [--http-port <0..65535>] [--keys <file>]');
  }
  return { appDir: path.resolve(values.app), httpPort, keysFile: values.keys };
}

async function readHost(
  appDir: string,
  settings: Environment,
): Promise<{ host: HostSettings; ignored: readonly string[] }> {
  const file = path.join(appDir, 'host.json');
  const parsed = parseHostJson(await readFile(file, 'utf8'), settings);
  if (parsed.kind === 'invalid') throw new Error(`${file} cannot be used:\n  ${parsed.problems.join('\n  ')}`);
  return { host: parsed.settings, ignored: parsed.ignoredKeys };
}

async function main(): Promise<void> {
  const { appDir, httpPort, keysFile } = readArguments(process.argv.slice(2));
  const settings = await readAppSettings(appDir, process.env);
  Object.assign(process.env, settings);
  const { host, ignored } = await readHost(appDir, settings);
  const log = createLog(host.logging.logLevel, (line) => process.stderr.write(line), process.stderr.isTTY);
  for (const key of ignored)
    log({ level: 'warning', category: 'Host.Startup', message: `host.json: "${key}" is ignored` });
  const guard = watchProcess(log);
  process.chdir(appDir);
  sendConsoleToStderr(log);
  const app = await loadApp(appDir, log);
  const keys = keysFile ? await readOrCreateKeys(path.resolve(keysFile)) : createKeys();
  const running = new FunctionHost({ app, appDir, host, settings, keys, httpPort, log, onTimeout: guard.onTimeout });
  guard.stopWith((limitMs) => running.stop(limitMs));
  process.stdout.write(`${JSON.stringify({ ready: true, ...(await running.start()) })}\n`);
}

/** Standard output carries the ready line alone. */
function sendConsoleToStderr(log: HostLog): void {
  const write = (...values: unknown[]): void =>
    log({ level: 'information', category: 'Worker.Console', message: values.map(String).join(' ') });
  console.log = write;
  console.info = write;
  console.debug = write;
}

main().catch((error: unknown) => {
  process.stderr.write(`${toErrorText(error)}\n`, () => process.exit(1));
});
