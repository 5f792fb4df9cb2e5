import { DateTime } from 'luxon';
import type { DispatchWindow } from '../../contracts/subscription.js';

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** How far ahead an opening is looked for: past a year of closed dates. */
const searchDays = 400;

/** Whether triggers may leave now: inside any of the windows. No windows means always. */
export function isOpen(windows: readonly DispatchWindow[] | undefined, nowMs: number): boolean {
  return windows === undefined || windows.some((window) => isInside(window, nowMs));
}

/** When the next window opens, in epoch milliseconds; undefined when none does within a year. */
export function toNextOpening(windows: readonly DispatchWindow[], nowMs: number): number | undefined {
  const openings = windows.flatMap((window) => findOpening(window, nowMs) ?? []);
  return openings.length === 0 ? undefined : Math.min(...openings);
}

function isInside(window: DispatchWindow, nowMs: number): boolean {
  const now = DateTime.fromMillis(nowMs, { zone: window.timeZone });
  return [now.minus({ days: 1 }), now].some((day) => {
    if (!opensOn(window, day)) return false;
    const { from, to } = toBounds(window, day);
    return from <= nowMs && nowMs < to;
  });
}

function findOpening(window: DispatchWindow, nowMs: number): number | undefined {
  const today = DateTime.fromMillis(nowMs, { zone: window.timeZone });
  for (let ahead = 0; ahead < searchDays; ahead += 1) {
    const day = today.plus({ days: ahead });
    const { from } = toBounds(window, day);
    if (from > nowMs && opensOn(window, day)) return from;
  }
  return undefined;
}

function opensOn({ days, closedOn }: DispatchWindow, day: DateTime): boolean {
  const name = dayNames[day.weekday - 1];
  return name !== undefined && days.includes(name) && !closedOn.includes(day.toISODate() ?? '');
}

/** The window that opens on this day; one that runs over midnight closes on the next. */
function toBounds(window: DispatchWindow, day: DateTime): { from: number; to: number } {
  const from = at(day, window.from);
  const to = at(window.to <= window.from ? day.plus({ days: 1 }) : day, window.to);
  return { from: from.toMillis(), to: to.toMillis() };
}

function at(day: DateTime, time: string): DateTime {
  const [hour, minute] = time.split(':').map(Number);
  return day.set({ hour: hour ?? 0, minute: minute ?? 0, second: 0, millisecond: 0 });
}
