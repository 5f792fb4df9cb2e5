import { createServer } from 'node:net';

/** A port option by name, such as `--amqp-port`. 0 stands for any free port. */
export interface PortWish {
  readonly option: string;
  readonly port: number;
}

/**
 * Settle on a port: the wished one if it is free, any free one for 0.
 *
 * @throws Error naming port and option when the port is taken
 */
export async function settlePort(wish: PortWish): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => reject(explain(wish, error)));
    probe.listen({ port: wish.port, host: '127.0.0.1', exclusive: true }, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : wish.port;
      probe.close(() => resolve(port));
    });
  });
}

function explain(wish: PortWish, error: NodeJS.ErrnoException): Error {
  if (error.code === 'EADDRINUSE') {
    return new Error(
      `port ${wish.port} is taken; free it or choose another with ${wish.option} (0 takes any free port)`,
    );
  }
  return new Error(`port ${wish.port} cannot be used (${error.code ?? error.message}); change ${wish.option}`);
}

/** Settle several ports at once; the results never repeat. @throws as `settlePort`, for the first that fails */
export async function settlePorts<K extends string>(wishes: Readonly<Record<K, PortWish>>): Promise<Record<K, number>> {
  const taken = new Set<number>();
  const settled: Partial<Record<K, number>> = {};
  for (const name of Object.keys(wishes) as K[]) {
    let port = await settlePort(wishes[name]);
    while (taken.has(port) && wishes[name].port === 0) port = await settlePort(wishes[name]);
    if (taken.has(port)) throw new Error(`port ${port} is asked for twice; change ${wishes[name].option}`);
    taken.add(port);
    settled[name] = port;
  }
  return settled as Record<K, number>; // Every key of `wishes` was visited.
}
