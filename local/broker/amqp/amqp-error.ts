/** A refusal that travels to the client as an AMQP error. */
export class AmqpError extends Error {
  override readonly name = 'AmqpError';
  constructor(
    readonly condition: string,
    readonly description: string,
    readonly statusCode = 400,
  ) {
    super(`${condition}: ${description}`);
  }
}

/** The wording is part of the contract: clients recognise a missing entity by it. */
export function entityNotFound(address: string): AmqpError {
  return new AmqpError('amqp:not-found', `The messaging entity '${address}' could not be found.`, 404);
}

/** Whatever was thrown, as an AMQP error. */
export function toAmqpError(error: unknown): AmqpError {
  if (error instanceof AmqpError) return error;
  return new AmqpError('amqp:internal-error', error instanceof Error ? error.message : String(error), 500);
}
