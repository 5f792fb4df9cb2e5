import { createHash } from 'node:crypto';
import type { QuarantineItem } from '../../contracts/quarantine-item.js';
import type { QuarantineRecord } from '../../contracts/quarantine-record.js';
import type { QuarantineDesk, QuarantineFilter } from '../../ports/quarantine-desk.js';
import type { QuarantineStore } from '../../ports/quarantine-store.js';
import { toMemoryPage, toNewestFirstText } from './page.js';

/** Quarantine in memory, equal to the one on Table Storage by contract suite. */
export function createMemoryQuarantineStore(items = new Map<string, QuarantineItem>()): QuarantineStore {
  return {
    put(batch) {
      for (const record of batch) {
        const id = toId(record);
        if (!items.has(id)) items.set(id, { ...structuredClone(record), id, state: 'open', etag: 'W/"1"' });
      }
      return Promise.resolve();
    },
    list({ limit, reason }) {
      const chosen = [...items.values()].filter((record) => reason === undefined || record.reason === reason);
      chosen.sort((a, b) => Date.parse(b.origin.enqueuedAt) - Date.parse(a.origin.enqueuedAt));
      return Promise.resolve(chosen.slice(0, limit).map(toRecord));
    },
  };
}

/** People's side of the quarantine in memory. */
export function createMemoryQuarantineDesk(items: Map<string, QuarantineItem>): QuarantineDesk {
  return {
    list(filter, page) {
      const chosen = [...items.values()].filter((item) => isWanted(item, filter));
      const toKey = ({ origin, id }: QuarantineItem): string =>
        `${toNewestFirstText(Date.parse(origin.enqueuedAt))}!${id}`;
      const { items: found, ...next } = toMemoryPage(chosen, toKey, page);
      return Promise.resolve({ items: found.map(({ bodyBase64: _bytes, ...item }) => item), ...next });
    },
    get: (id) => Promise.resolve(items.get(id)),
    findByEventId: (eventId) => Promise.resolve([...items.values()].filter((item) => item.eventId === eventId)),
    resolve(id, resolution, etag) {
      const item = items.get(id);
      if (item === undefined) return Promise.resolve('unknown');
      if (item.state !== 'open') return Promise.resolve('already-resolved');
      if (etag !== undefined && etag !== item.etag) return Promise.resolve('changed');
      items.set(id, { ...item, state: resolution.state, resolution, etag: 'W/"2"' });
      return Promise.resolve('resolved');
    },
  };
}

function toId({ origin, reason }: QuarantineRecord): string {
  const { hub, partition, sequenceNumber, enqueuedAt } = origin;
  const hash = createHash('sha256')
    .update(JSON.stringify([hub, partition, sequenceNumber, reason]))
    .digest('hex');
  const time = String(99_999_999_999_999 - Date.parse(enqueuedAt)).padStart(14, '0');
  return `${enqueuedAt.slice(0, 10)}.${time}.${hash.slice(0, 32)}`;
}

function toRecord(item: QuarantineItem): QuarantineRecord {
  const { id: _id, state: _state, etag: _etag, resolution: _resolution, ...record } = item;
  return record;
}

function isWanted(item: QuarantineItem, filter: QuarantineFilter): boolean {
  const enqueuedMs = Date.parse(item.origin.enqueuedAt);
  const { fromMs, beforeMs } = filter;
  if (fromMs !== undefined && enqueuedMs < fromMs) return false;
  if (beforeMs !== undefined && enqueuedMs >= beforeMs) return false;
  const { reason, state, producer, port } = filter;
  if (reason !== undefined && item.reason !== reason) return false;
  if (state !== undefined && item.state !== state) return false;
  if (producer !== undefined && item.producer !== producer) return false;
  return port === undefined || item.port === port;
}
