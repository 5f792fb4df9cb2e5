import type { RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import { loadAzurite } from '../tables/azurite-parts.js';
import type { TableStore } from '../tables/table-store.js';
import { type InTurn, longestBody, PlainAnswers } from './plain-answers.js';
import type { Accounts } from './plain-request.js';
import { readText } from './request-body.js';

/** Azurite's maker of what listens to requests for tables. */
interface ListenerFactory {
  readonly metadataStore: TableStore;
  readonly accountDataStore: Accounts;
  createRequestListener: (this: ListenerFactory) => RequestListener;
}

/** Azurite's handler of table requests, as far as it takes batches. */
interface BatchHandler {
  batch: (body: Readable, ...args: BatchArguments) => Promise<unknown>;
}

type BatchArguments = [contentType: string, length: number | undefined, options: unknown, context: object];

const { default: factories } = loadAzurite('./table/TableRequestListenerFactory') as {
  default: { prototype: ListenerFactory };
};
const { default: handlers } = loadAzurite('./table/handlers/TableHandler') as { default: { prototype: BatchHandler } };

/**
 * Azurite takes a request through layers made for requests of every kind, 300 us, and each request of a batch through
 * texts, streams and contexts of its own, 40 us. Batches in which all is well are answered before they come there. One
 * batch is worked on at a time, whoever does, so that none sees half of another.
 *
 * Azurite is started with no log of accesses and no check of versions (local/stack/azurite.ts): nothing is lost of either.
 */
export function answerPlainBatches(): void {
  const inTurn = oneAtATime();
  const { createRequestListener } = factories.prototype;
  factories.prototype.createRequestListener = function () {
    const azurite = createRequestListener.call(this);
    const answers = new PlainAnswers(azurite, this.metadataStore, this.accountDataStore, inTurn);
    return (request, response) => answers.take(request, response);
  };
  takeTurns(inTurn);
}

/** Azurite's own batches, each with its body read before: nobody waits for a slow sender. */
function takeTurns(inTurn: InTurn): void {
  const { batch } = handlers.prototype;
  handlers.prototype.batch = async function (body, ...args) {
    const [, length = 0] = args;
    if (length > longestBody) return batch.call(this, body, ...args); // refused unread
    const bytes = Buffer.from(await readText(body));
    return inTurn(() => batch.call(this, Readable.from(bytes), ...args));
  };
}

/** Runs work in the order it comes, each when the one before has ended, however it ended. */
function oneAtATime(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined); // told to whoever asked for it
    return mine;
  };
}
