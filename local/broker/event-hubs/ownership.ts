import type { Sender } from 'rhea';
import { AmqpError } from '../amqp/amqp-error.js';

interface Reader {
  readonly link: Sender;
  readonly epoch: number | undefined;
}

/** Who reads a partition in a consumer group; a reader with an epoch is alone. */
export class Ownership {
  private readonly readers = new Map<string, Set<Reader>>();

  /** Admit a reader, putting out those with a lower or no epoch. @throws AmqpError when a higher one reads */
  admit(key: string, link: Sender): () => void {
    const epoch = readEpoch(link);
    const present = this.readers.get(key) ?? new Set<Reader>();
    this.readers.set(key, present);
    const highest = Math.max(-1, ...[...present].map((reader) => reader.epoch ?? -1));
    if (highest > (epoch ?? -1)) throw stolen(`A receiver with a higher epoch of '${highest}' exists.`);
    if (epoch !== undefined) for (const reader of present) evict(reader, epoch);
    const reader = { link, epoch };
    present.add(reader);
    return () => present.delete(reader);
  }
}

function evict({ link }: Reader, epoch: number): void {
  const { condition, description } = stolen(`A new receiver with a higher epoch of '${epoch}' was created.`);
  link.close({ condition, description });
}

function stolen(description: string): AmqpError {
  return new AmqpError('amqp:link:stolen', description);
}

function readEpoch(link: Sender): number | undefined {
  const value = (link.properties as Record<string, unknown> | undefined)?.['com.microsoft:epoch'];
  if (Buffer.isBuffer(value)) return Number(value.readBigInt64BE());
  return typeof value === 'number' ? value : undefined;
}
