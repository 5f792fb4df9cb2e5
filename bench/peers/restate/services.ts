import './with-resolvers.js';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import * as restate from '@restatedev/restate-sdk';
import { fanOutConsumers } from '../../workload.js';
import { toRow } from '../decode.js';

export const eventObject = 'event';

const toConsumerName = (consumer: string): string => `consumer-${consumer.replaceAll('.', '-')}`;

/** What a server keeps of invocations that are over. */
export interface Retention {
  readonly journalMs: number | undefined;
}

/** One object per event id: its state is the event's row, and a row that is there makes a copy end. */
export function toEventObject({ journalMs }: Retention) {
  return restate.object({
    name: eventObject,
    handlers: {
      record: async (ctx: restate.ObjectContext, text: string): Promise<void> => {
        if ((await ctx.get<string>('row')) !== null) return;
        const { eventId, json } = toRow(text);
        ctx.set('row', json);
        for (const consumer of fanOutConsumers) {
          ctx.serviceSendClient<ConsumerService>({ name: toConsumerName(consumer) }).receive(eventId);
        }
      },
    },
    ...(journalMs !== undefined && { options: { journalRetention: journalMs } }),
  });
}

/** One service per consumer. */
export function toConsumerServices(retention: Retention, note: (consumer: string, eventId: string) => void) {
  return fanOutConsumers.map((consumer) => toConsumerService(consumer, retention, note));
}

function toConsumerService(
  consumer: string,
  { journalMs }: Retention,
  note: (consumer: string, eventId: string) => void,
) {
  return restate.service({
    name: toConsumerName(consumer),
    handlers: {
      receive: async (_ctx: restate.Context, eventId: string): Promise<void> => note(consumer, eventId),
    },
    ...(journalMs !== undefined && { options: { journalRetention: journalMs } }),
  });
}

type ConsumerService = ReturnType<typeof toConsumerService>;
type Services = NonNullable<Parameters<typeof restate.createEndpointHandler>[0]['services']>;

/** Serve services on a free port of loopback. */
export async function serveServices(services: Services): Promise<{ url: string; stop: () => void }> {
  const handler = restate.createEndpointHandler({ services, logger: () => undefined });
  const server = createServer(handler);
  const sessions = new Set<{ destroy: () => void }>();
  server.on('session', (session) => sessions.add(session));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      server.close();
      for (const session of sessions) session.destroy();
    },
  };
}
