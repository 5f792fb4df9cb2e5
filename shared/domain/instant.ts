import { remember } from './remember.js';

const dayMs = 86_400_000;

/** What `toISOString` writes before the time of day; snapshots and decisions of a while fall on few days. */
const toDayText = remember(1_000, (day: number) =>
  new Date(day * dayMs).toISOString().slice(0, -'00:00:00.000Z'.length),
);

const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

/** The text `toISOString` gives, in a quarter of its time. @throws RangeError for what is no time */
export function toInstantText(ms: number): string {
  const whole = Math.trunc(ms);
  const day = Math.floor(whole / dayMs);
  const ofDay = whole - day * dayMs;
  const time = `${toTwoDigits(ofDay / 3_600_000)}:${toTwoDigits((ofDay / 60_000) % 60)}:${toTwoDigits((ofDay / 1_000) % 60)}`;
  return `${toDayText(day)}${time}.${String(ofDay % 1_000).padStart(3, '0')}Z`;
}

function toTwoDigits(number: number): string {
  return twoDigits[Math.floor(number)] ?? '';
}

/** Epoch milliseconds of a time of receipt: all events of a batch share one. */
export const toReceiptMs = remember(1_000, (receivedAt: string) => Date.parse(receivedAt));
