import { AmqpError } from '../amqp/amqp-error.js';

/** A settlement came too late, or for a lock that never was. */
export function lockLost(): AmqpError {
  return new AmqpError('com.microsoft:message-lock-lost', 'The lock supplied is invalid or has expired.', 410);
}

/** A message asked for by number is not there in the state it is wanted in. */
export function messageNotFound(sequence: number): AmqpError {
  return new AmqpError(
    'com.microsoft:message-not-found',
    `No message with sequence number ${sequence} was found.`,
    404,
  );
}
