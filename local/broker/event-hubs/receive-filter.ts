import type { Sender } from 'rhea';
import { AmqpError } from '../amqp/amqp-error.js';
import type { Partition } from './partition.js';

const filterName = 'apache.org:selector-filter:string';
const pattern = /^amqp\.annotation\.(x-opt-offset|x-opt-sequence-number|x-opt-enqueued-time) (>=?) '([^']*)'$/;

/** Number of the first event a receiving link wants. Without a filter: what is new. @throws AmqpError */
export function toStart(link: Sender, partition: Partition): number {
  const filter = (link.source?.filter as Record<string, unknown> | undefined)?.[filterName];
  const text = toText(filter);
  if (text === undefined) return partition.firstWhere(() => false);
  const [, name, operator, value = ''] = pattern.exec(text) ?? [];
  if (name === undefined) throw new AmqpError('amqp:not-implemented', `The selector '${text}' is not supported.`);
  if (name === 'x-opt-offset' && value === '-1') return partition.firstSequence;
  if (value === '@latest') return partition.firstWhere(() => false);
  const wanted = Number(value);
  if (!Number.isFinite(wanted)) throw new AmqpError('amqp:invalid-field', `The selector '${text}' names no position.`);
  return partition.firstWhere((event) => {
    const position = { 'x-opt-offset': Number(event.offset), 'x-opt-sequence-number': event.sequenceNumber }[name];
    const at = position ?? event.enqueuedAtMs;
    return operator === '>=' ? at >= wanted : at > wanted;
  });
}

/** A described value arrives wrapped. */
function toText(filter: unknown): string | undefined {
  const value = typeof filter === 'object' && filter !== null && 'value' in filter ? filter.value : filter;
  return typeof value === 'string' ? value : undefined;
}
