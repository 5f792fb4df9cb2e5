/** Settings of anything messages wait in: a queue, or a subscription of a topic. */
export interface WaitingSettings {
  readonly lockDurationMs: number;
  readonly maxDeliveryCount: number;
  readonly requiresSession: boolean;
  /** Undefined: messages never expire by default. */
  readonly defaultTtlMs?: number;
  readonly deadLetteringOnMessageExpiration: boolean;
  readonly userMetadata?: string;
}

/** Duplicate detection, a property of queues and topics. Undefined window: off. */
export interface DuplicateSettings {
  readonly duplicateWindowMs?: number;
}

export interface QueueDescription extends WaitingSettings, DuplicateSettings {
  readonly name: string;
}

export interface TopicDescription extends DuplicateSettings {
  readonly name: string;
  readonly defaultTtlMs?: number;
  readonly userMetadata?: string;
}

export interface SubscriptionDescription extends WaitingSettings {
  readonly topic: string;
  readonly name: string;
}

/** What a rule lets through. Correlation members that are absent match anything. */
export type RuleFilter =
  | { readonly kind: 'true' }
  | { readonly kind: 'false' }
  | { readonly kind: 'sql'; readonly expression: string }
  | {
      readonly kind: 'correlation';
      readonly correlationId?: string;
      readonly messageId?: string;
      readonly to?: string;
      readonly replyTo?: string;
      readonly subject?: string;
      readonly sessionId?: string;
      readonly replyToSessionId?: string;
      readonly contentType?: string;
      readonly properties?: Readonly<Record<string, string | number | boolean>>;
    };

export interface RuleDescription {
  readonly name: string;
  readonly filter: RuleFilter;
  /** SQL action, run on the copy a matching message becomes. */
  readonly action?: string;
  readonly createdAtMs: number;
}

/** The entities' defaults are the service's own. */
export const waitingDefaults: WaitingSettings = {
  lockDurationMs: 60_000,
  maxDeliveryCount: 10,
  requiresSession: false,
  deadLetteringOnMessageExpiration: false,
};

/** Messages of an entity by what they wait for. */
export interface RuntimeCounts {
  readonly active: number;
  readonly deadLetter: number;
  readonly scheduled: number;
}
