import type { Page, PageRequest } from '../../ports/page.js';

/** A page of `all`, ordered by `toKey` as text. */
export function toMemoryPage<T>(all: readonly T[], toKey: (item: T) => string, { limit, after }: PageRequest): Page<T> {
  const keyed = all.map((item) => ({ item, key: toKey(item) })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const rest = keyed.filter(({ key }) => after === undefined || key > after).slice(0, limit);
  const last = rest.at(-1);
  const items = rest.map(({ item }) => item);
  return last && rest.length >= limit ? { items, after: last.key } : { items };
}

const width = 15;

/** Milliseconds as text that sorts oldest first. */
export function toOldestFirstText(ms: number): string {
  return String(Math.trunc(ms)).padStart(width, '0');
}

/** Milliseconds as text that sorts newest first. */
export function toNewestFirstText(ms: number): string {
  return toOldestFirstText(10 ** width - 1 - Math.trunc(ms));
}
