export const eventQueue = 'events';

export interface EventJob {
  readonly text: string;
}

export interface ConsumerJob {
  readonly eventId: string;
}

export interface BullSettings {
  readonly port: number;
  /** Jobs a worker has in hand at a time. */
  readonly concurrency: number;
}

export const toQueue = (consumer: string): string => consumer.replaceAll('.', '-');
