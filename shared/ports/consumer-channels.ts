/** The consumers' own subscriptions on the trigger topic. */
export interface ConsumerChannels {
  /** Consumers that have a channel, by data product key. */
  list(): Promise<string[]>;
  /** Create the channel with its filter, or mend its filter; repeating it changes nothing. */
  ensure(consumer: string): Promise<'created' | 'unchanged'>;
  /** Messages in the channel that the consumer has not completed, dead-lettered ones included; 0 without a channel. */
  waiting(consumer: string): Promise<number>;
  /** Remove the channel and what waits in it. */
  remove(consumer: string): Promise<void>;
}
