import type { QuarantineRecord } from '../../contracts/quarantine-record.js';
import type { QuarantineStore } from '../../ports/quarantine-store.js';

/** Quarantine in memory, equal to the one on Table Storage by contract suite. */
export function createMemoryQuarantineStore(): QuarantineStore {
  const records = new Map<string, QuarantineRecord>();
  return {
    put(batch) {
      for (const record of batch) {
        const { hub, partition, sequenceNumber, enqueuedAt } = record.origin;
        const key = JSON.stringify([hub, partition, sequenceNumber, enqueuedAt, record.reason]);
        if (!records.has(key)) records.set(key, structuredClone(record));
      }
      return Promise.resolve();
    },
    list({ limit, reason }) {
      const chosen = [...records.values()].filter((record) => reason === undefined || record.reason === reason);
      chosen.sort((a, b) => Date.parse(b.origin.enqueuedAt) - Date.parse(a.origin.enqueuedAt));
      return Promise.resolve(chosen.slice(0, limit));
    },
  };
}
