import { appendFile, readFile } from 'node:fs/promises';
import { createEventHubPublisher } from '../../../shared/adapters/event-hubs/publisher.js';
import type { Settings } from '../../../shared/config/settings.js';
import { sealedEvent } from '../../fixtures/events.js';

/** A producer that goes on whatever happens: each event is in its file before it is sent, and sent until accepted. */
export interface Producer {
  readonly published: () => number;
  /** Ends the load; resolves when the last event is accepted. */
  stop(): Promise<void>;
}

const pauseMs = 60;
const day = Date.UTC(2026, 2, 11);

/** The event with this number: a snapshot of its own. */
export function numberedEvent(n: number) {
  return sealedEvent({
    eventId: `e-${n}`,
    snapshot: { watermark: new Date(day + n * 60_000).toISOString() },
  });
}

export function startProducer(settings: Settings, file: string): Producer {
  let running = true;
  let published = 0;
  let publisher = createEventHubPublisher(settings.eventHub, settings.hub);
  const publish = async (n: number): Promise<void> => {
    const body = Buffer.from(JSON.stringify(numberedEvent(n)));
    await appendFile(file, `${body.toString()}\n`);
    for (;;) {
      try {
        return await publisher.publish([{ body, partitionKey: `key-${n % 16}` }]);
      } catch {
        // Accepted or not, it is unknown: the same event is sent again, as every careful producer does.
        publisher.close().catch(() => undefined);
        publisher = createEventHubPublisher(settings.eventHub, settings.hub);
      }
    }
  };
  const load = (async () => {
    for (let n = 0; running; n += 1) {
      await publish(n);
      published += 1;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  })();
  return {
    published: () => published,
    stop: async () => {
      running = false;
      await load;
      await publisher.close().catch(() => undefined);
    },
  };
}

/** Ids of the events in a producer's file. */
export async function readEventFile(file: string): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as { eventId: string }).eventId); // written above
}
