import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { type Context, loadAzurite } from '../tables/azurite-parts.js';
import type { TableStore } from '../tables/table-store.js';
import { ETags } from './etags.js';
import { planChanges } from './plan-changes.js';
import { readBatch } from './read-batch.js';
import { toAnswer } from './to-answer.js';

/** What Azurite knows of the request that holds a batch. */
interface BatchContext extends Context {
  readonly startTime: Date;
  readonly contextID: string;
  readonly account?: string;
  readonly request?: { getHeader(name: string): string | undefined };
}

/** Azurite's handler of table requests, as far as it takes batches. */
interface BatchHandler {
  readonly metadataStore: TableStore;
  batch: (this: BatchHandler, body: Readable, ...args: BatchArguments) => Promise<unknown>;
}

type BatchArguments = [contentType: string, length: number | undefined, options: unknown, context: Context];

const { default: handlers } = loadAzurite('./table/handlers/TableHandler') as { default: { prototype: BatchHandler } };
const { default: Orchestrator } = loadAzurite('./table/batch/TableBatchOrchestrator') as {
  default: new (
    context: BatchContext,
    handler: BatchHandler,
    store: TableStore,
  ) => { processBatchRequestAndSerializeResponse(text: string): Promise<string> };
};
const { default: TableContext } = loadAzurite('./table/context/TableStorageContext') as {
  default: new (context: Context) => BatchContext;
};
const { TABLE_API_VERSION, BODY_SIZE_MAX } = loadAzurite('./table/utils/constants') as {
  TABLE_API_VERSION: string;
  BODY_SIZE_MAX: number;
};

/**
 * Azurite takes each request of a batch through texts, streams and contexts of its own, 40 us a row. Here a batch in which
 * nothing stands in the way of any request is read, applied and answered at once; every other one is Azurite's to answer.
 * Bodies become text as they come: as bytes, which live outside the heap, they make V8 mark all that is stored whenever
 * 64 MB of them have outlived a young generation. One batch is worked on at a time, so that none sees half of another.
 */
export function answerPlainBatches(): void {
  const inTurn = oneAtATime();
  const eTags = new ETags();
  const { batch } = handlers.prototype;
  handlers.prototype.batch = async function (body, ...args) {
    const [, length = 0, , ofRequest] = args;
    // Its own refusal.
    if (length > BODY_SIZE_MAX) return batch.call(this, body, ...args);
    const context = new TableContext(ofRequest);
    // Read first: each request of the batch takes the place of this one in its context.
    const contentType = context.request?.getHeader('content-type')?.replace('batch', 'batchresponse');
    const { contextID: requestId, startTime: date } = context;
    const text = await toText(body);
    const { answer, kept } = await inTurn(
      async () =>
        answerPlain(text, this.metadataStore, { context, eTags }) ?? {
          answer: await new Orchestrator(context, this, this.metadataStore).processBatchRequestAndSerializeResponse(
            text,
          ),
        },
    );
    await kept; // beside the next batch
    const version = TABLE_API_VERSION;
    return { contentType, requestId, version, date, statusCode: 202, body: Readable.from([answer]) };
  };
}

/** Applies a batch and answers it; undefined for one that is Azurite's to answer, of which nothing is applied. */
function answerPlain(
  text: string,
  store: TableStore,
  { context, eTags }: { context: BatchContext; eTags: ETags },
): { answer: string; kept?: Promise<void> } | undefined {
  const batch = readBatch(text);
  if (batch === undefined || batch.name.account !== context.account) return undefined;
  const rows = store.tables.find(batch.name)?.rows;
  const plan = rows && planChanges(batch.requests, rows, () => eTags.next(context.startTime.getTime()));
  if (plan === undefined) return undefined;
  const changes = plan.steps.map(({ change }) => change);
  return { answer: toAnswer(batch, plan), kept: store.transactions.change(batch.name, plan.partitionKey, changes) };
}

/** Runs work in the order it comes, each when the one before has ended, however it ended. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined); // told to whoever asked for it
    return mine;
  };
}

async function toText(stream: Readable): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  for await (const chunk of stream) text += decoder.write(chunk as Buffer); // a request's body comes as bytes
  return text + decoder.end();
}
