import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** What Azurite hands around with a request. */
interface Context {
  readonly startTime: Date;
  readonly contextID: string;
  readonly request?: { getHeader(name: string): string | undefined };
}

/** Azurite's handler of table requests, as far as it takes batches. */
export interface BatchHandler {
  readonly metadataStore: unknown;
  batch: (this: BatchHandler, body: Readable, ...args: BatchArguments) => Promise<unknown>;
}

type BatchArguments = [contentType: string, length: number | undefined, options: unknown, context: Context];

/** Azurite's classes and numbers that take part in answering a batch. */
export interface BatchParts {
  readonly handlers: { prototype: BatchHandler };
  readonly boundaries: { prototype: { extractBatchBoundary: (text: string) => void } };
  readonly streams: { StreamToString: (stream: Readable) => Promise<string> };
  readonly Orchestrator: new (
    context: Context,
    handler: BatchHandler,
    store: unknown,
  ) => { processBatchRequestAndSerializeResponse(text: string): Promise<string> };
  readonly TableContext: new (context: Context) => Context;
  readonly version: string;
  readonly maxBodyBytes: number;
}

/** A batch begins with its boundary, which is never longer than this. */
const boundaryLength = 1_024;

/**
 * Azurite keeps the bytes of a batch until the last has come, decodes the whole text to find the boundary at its start,
 * and writes request and answer out as JSON for a log that is off. The bytes live outside the heap, and whenever 64 MB of
 * them have outlived a young generation V8 marks all that is stored. Here they become text as they come, the answer stays
 * text until it is sent, and nothing else is made of either. One batch is worked on at a time: Azurite counts on that, and
 * fails one that begins before another has ended.
 */
export function answerBatchesWithoutCopies(parts: BatchParts): void {
  const { handlers, boundaries, streams, Orchestrator, TableContext, version, maxBodyBytes } = parts;
  streams.StreamToString = toText;
  const { extractBatchBoundary } = boundaries.prototype;
  boundaries.prototype.extractBatchBoundary = function (text) {
    extractBatchBoundary.call(this, text.slice(0, boundaryLength));
  };
  const inTurn = oneAtATime();
  const { batch } = handlers.prototype;
  handlers.prototype.batch = async function (body, ...args) {
    const [, length = 0, , context] = args;
    // Its own refusal.
    if (length > maxBodyBytes) return batch.call(this, body, ...args);
    const tableContext = new TableContext(context);
    // Read first: each operation takes the place of the request in this context.
    const contentType = tableContext.request?.getHeader('content-type')?.replace('batch', 'batchresponse');
    const text = await toText(body);
    const orchestrator = new Orchestrator(tableContext, this, this.metadataStore);
    const answer = await inTurn(() => orchestrator.processBatchRequestAndSerializeResponse(text));
    return {
      contentType,
      requestId: tableContext.contextID,
      version,
      date: context.startTime,
      statusCode: 202,
      body: Readable.from([answer]),
    };
  };
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
