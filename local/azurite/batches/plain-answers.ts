import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { loadAzurite } from '../tables/azurite-parts.js';
import type { TableStore } from '../tables/table-store.js';
import { ETags } from './etags.js';
import { planChanges } from './plan-changes.js';
import { type Accounts, accountOfPlain } from './plain-request.js';
import { readBatch } from './read-batch.js';
import { readText, unread } from './request-body.js';
import { toAnswer } from './to-answer.js';

const { TABLE_API_VERSION, VERSION, BODY_SIZE_MAX } = loadAzurite('./table/utils/constants') as {
  TABLE_API_VERSION: string;
  VERSION: string;
  BODY_SIZE_MAX: number;
};
/** Azurite reads no longer body of a batch. */
export const longestBody = BODY_SIZE_MAX;
const server = `Azurite-Table/${VERSION}`;

export type InTurn = <T>(work: () => T | Promise<T>) => Promise<T>;

/** What a batch was answered, to be told when it is kept. */
interface Answer {
  readonly text: string;
  readonly kept: Promise<void>;
}

/**
 * Requests before they are Azurite's. A batch in which nothing stands in the way of any request is read, applied and
 * answered here, with the status, headers and text that Azurite would give it. All others are Azurite's, as they came, and
 * nothing of them was applied.
 */
export class PlainAnswers {
  readonly #eTags = new ETags();

  constructor(
    private readonly azurite: RequestListener,
    private readonly store: Pick<TableStore, 'tables' | 'transactions'>,
    private readonly accounts: Accounts,
    private readonly inTurn: InTurn,
  ) {}

  take(request: IncomingMessage, response: ServerResponse): void {
    const account = accountOfPlain(request, this.accounts, longestBody);
    if (account === undefined) this.azurite(request, response);
    else this.#answer(request, response, account).catch(() => refuse(response));
  }

  async #answer(request: IncomingMessage, response: ServerResponse, account: string): Promise<void> {
    const date = new Date();
    // Sent before the last was answered: Node gives it the connection when that is, and so it is applied after it.
    if (response.socket === null) await once(response, 'socket');
    const text = await readText(request);
    const answer = await this.inTurn(() => this.#apply(text, account, date));
    if (answer === undefined) return this.azurite(unread(request, text), response);
    await answer.kept; // beside the next batch
    const { 'content-type': contentType = '' } = request.headers;
    send(response, { contentType: contentType.replace('batch', 'batchresponse'), date, text: answer.text });
  }

  /** Applies a batch; undefined for one that is Azurite's to answer, of which nothing is applied. */
  #apply(text: string, account: string, date: Date): Answer | undefined {
    const batch = readBatch(text);
    if (batch === undefined || batch.name.account !== account) return undefined;
    const rows = this.store.tables.find(batch.name)?.rows;
    const plan = rows && planChanges(batch.requests, rows, () => this.#eTags.next(date.getTime()));
    if (plan === undefined) return undefined;
    const changes = plan.steps.map(({ change }) => change);
    return {
      text: toAnswer(batch, plan),
      kept: this.store.transactions.change(batch.name, plan.partitionKey, changes),
    };
  }
}

interface Sent {
  readonly contentType: string;
  readonly date: Date;
  readonly text: string;
}

/** In two steps, so that it goes in chunks like Azurite's. */
function send(response: ServerResponse, { contentType, date, text }: Sent): void {
  response.writeHead(202, {
    Server: server,
    'content-type': contentType,
    'x-ms-request-id': randomUUID(),
    'x-ms-version': TABLE_API_VERSION,
    date: date.toUTCString(),
  });
  response.write(text);
  response.end();
}

/** As Azurite tells that it failed. */
function refuse(response: ServerResponse): void {
  response.statusCode = 500;
  response.setHeader('Server', server);
  response.end();
}
