import type { Clock } from '../ports/clock.js';

/**
 * Hold what was read, and read again once it is `refreshMs` old: one read per interval, shared by callers that ask
 * meanwhile. `read` is given what is held; where it finds nothing, the next call asks again.
 */
export function createRefreshedReading<T>(
  read: (held: T | undefined) => Promise<T>,
  clock: Clock,
  refreshMs: number,
): () => Promise<T> {
  let held: { readonly value: T; readonly readAtMs: number } | undefined;
  let reading: Promise<T> | undefined;

  async function look(): Promise<T> {
    const readAtMs = clock.nowMs();
    const value = await read(held?.value);
    held = value === undefined ? undefined : { value, readAtMs };
    return value;
  }

  return () => {
    const ageMs = held === undefined ? refreshMs : clock.nowMs() - held.readAtMs;
    // A negative age: the clock was set back, and the age says nothing.
    if (held !== undefined && ageMs < refreshMs && ageMs >= 0) return Promise.resolve(held.value);
    return (reading ??= look().finally(() => (reading = undefined)));
  };
}
