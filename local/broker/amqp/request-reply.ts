import type { Receiver, Sender } from 'rhea';
import { toAmqpError } from './amqp-error.js';
import { amqp, type DecodedMessage, decodeMessage, toSendable } from './rhea-message.js';

/** A management request as a client sent it. */
export interface ManagementRequest {
  readonly operation: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The answer: 200 with a body, 204 without content. */
export interface ManagementReply {
  readonly status: number;
  readonly body?: unknown;
}

export type ManagementHandler = (request: ManagementRequest) => Promise<ManagementReply>;

/** Answer one request/response message on the link its `reply_to` names, or on the node's own link beside it. */
export async function answerRequest(request: Receiver, bytes: Buffer, handler: ManagementHandler): Promise<void> {
  const message = decodeMessage(bytes);
  const replyLink = findReplyLink(request, message.reply_to);
  if (!replyLink) return; // the client closed it meanwhile; there is nobody to tell
  const reply = await toReply(message, handler);
  if (replyLink.is_open()) replyLink.send(toSendable(reply));
}

/** Python's clients name no reply address: they expect the answer on the link they opened from the same node. */
function findReplyLink(request: Receiver, replyTo: string | undefined): Sender | undefined {
  const wanted = (sender: Sender): boolean =>
    replyTo === undefined
      ? sender.session === request.session && sender.source.address === request.target.address
      : sender.name === replyTo || sender.target?.address === replyTo;
  return request.connection.find_sender(wanted);
}

async function toReply(message: DecodedMessage, handler: ManagementHandler): Promise<DecodedMessage> {
  try {
    const { status, body } = await handler(toRequest(message));
    return respond(message, status, { statusDescription: 'OK' }, body);
  } catch (error) {
    const { condition, description, statusCode } = toAmqpError(error);
    return respond(message, statusCode, { statusDescription: description, errorCondition: condition });
  }
}

function toRequest({ application_properties, body }: DecodedMessage): ManagementRequest {
  const properties = application_properties ?? {};
  const map = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  return {
    operation: typeof properties['operation'] === 'string' ? properties['operation'] : '',
    properties,
    body: map,
  };
}

/** Clients differ in the spelling they read, so both are there. */
function respond(
  request: DecodedMessage,
  status: number,
  texts: { statusDescription: string; errorCondition?: string },
  body?: unknown,
): DecodedMessage {
  return {
    ...(request.message_id !== undefined && { correlation_id: request.message_id }),
    application_properties: {
      statusCode: amqp.int(status),
      'status-code': amqp.int(status),
      'status-description': texts.statusDescription,
      ...texts,
      ...(texts.errorCondition !== undefined && { 'error-condition': texts.errorCondition }),
    },
    body: body ?? {},
  };
}
