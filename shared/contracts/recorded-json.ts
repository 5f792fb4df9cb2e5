import type { Signal } from './signal.js';
import type { Trigger } from './trigger.js';

const made = new WeakMap<Signal | Trigger, string>();

/**
 * The JSON of a signal or a trigger, made once for its row and for the message that hands it on.
 *
 * What was recorded does not change: who has something to add to a trigger (`firing.ts`) does so before the ledger sees
 * it, and whatever is made of a recorded one is a new object. Without that a row and a message could differ.
 */
export function toRecordedJson(record: Signal | Trigger): string {
  const known = made.get(record);
  if (known !== undefined) return known;
  const json = JSON.stringify(record);
  made.set(record, json);
  return json;
}
