import { findProgram, freePort, makeFolder, removeFolder, startServer } from '../server.js';

export interface RedisServer {
  readonly port: number;
  stop(): Promise<void>;
}

const findServer = (): string | undefined => findProgram('redis-server') ?? findProgram('valkey-server');

/** Why Redis cannot be started here; undefined when it can. */
export function redisMissing(): string | undefined {
  return findServer() === undefined ? 'neither redis-server nor valkey-server is on PATH; install one' : undefined;
}

/** A private server in a temporary folder, on loopback alone, with its own settings as they come. */
export async function startRedis(settings: readonly string[]): Promise<RedisServer> {
  const folder = await makeFolder('redis');
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--maxmemory-policy', 'noeviction'];
  const server = await startServer(findServer() ?? 'redis-server', [...args, ...settings], { port, cwd: folder });
  return {
    port,
    stop: async () => {
      await server.stop();
      await removeFolder(folder);
    },
  };
}
