/** What the pass-through app reads and writes. */
export const floor = { hub: 'floor-events', topic: 'floor', table: 'floor' } as const;
