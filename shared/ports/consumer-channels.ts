/** The consumers' own subscriptions on the trigger topic. */
export interface ConsumerChannels {
  /** Consumers that have a channel, by data product key. */
  list(): Promise<string[]>;
  /** Create the channel with its filter, or mend its filter; repeating it changes nothing. */
  ensure(consumer: string): Promise<'created' | 'unchanged'>;
  /** Remove the channel and what waits in it. */
  remove(consumer: string): Promise<void>;
}
