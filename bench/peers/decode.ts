import { decodeEvent } from '../../shared/domain/decode/decode-event.js';

/** A valid event, and the row that is kept of it. */
export interface Row {
  readonly eventId: string;
  readonly json: string;
}

/** The validation that Outport does, and the row a system stores. @throws Error when the event is refused */
export function toRow(text: string): Row {
  const decoded = decodeEvent(Buffer.from(text), {});
  if (!decoded.ok) throw new Error(decoded.problems.map(({ path, message }) => `${path} ${message}`).join('; '));
  const { event } = decoded;
  return { eventId: event.eventId, json: JSON.stringify(event) };
}

/** Run tasks over items, so many at a time. */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  task: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const lanes = Array.from({ length: atOnce }, async () => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await task(next.value);
  });
  await Promise.all(lanes);
}
