/** A running system that takes events and hands each to three consumers. */
export interface Contender {
  /** Hand over events, as bytes of JSON; resolves when the system has taken them. */
  send(bodies: readonly Buffer[]): Promise<void>;
  stop(): Promise<void>;
}

/** A system with settings, and what it promises about what it has taken. */
export interface Entry {
  readonly system: string;
  readonly settings: 'default' | 'tuned';
  /** What survives when power fails, in words. */
  readonly durability: string;
  /** Events of a flood: fewer where a system would take minutes. */
  readonly flooded: number;
  /** Why it cannot run here; undefined when it can. */
  readonly missing: () => string | undefined;
  /** Start it; every event a consumer received is noted. */
  readonly start: (note: (consumer: string, eventId: string) => void) => Promise<Contender>;
}
