/** Bytes to publish, with the properties and key that go beside them. */
export interface PublishedEvent {
  readonly body: Uint8Array;
  readonly properties?: Readonly<Record<string, string>>;
  readonly partitionKey: string;
}

/** Publishes to the readiness hub. */
export interface EventPublisher {
  /** Resolves when the hub has every event. @throws RetryableError | TerminalError */
  publish(events: readonly PublishedEvent[]): Promise<void>;
}
