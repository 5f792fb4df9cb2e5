/** Whether an entity takes messages and gives them out. */
export type EntityStatus = 'Active' | 'Disabled' | 'SendDisabled' | 'ReceiveDisabled';

/** Settings of every entity. */
export interface CommonSettings {
  readonly status: EntityStatus;
  /** Removed when nobody used it for so long. Undefined: never. */
  readonly autoDeleteOnIdleMs?: number;
  /** Undefined: messages never expire by default. */
  readonly defaultTtlMs?: number;
  readonly userMetadata?: string;
  /** Kept and told only. */
  readonly enableBatchedOperations: boolean;
}

/** What a queue needs to know to hand out messages. */
export interface QueueSettings {
  readonly lockDurationMs: number;
  readonly maxDeliveryCount: number;
  readonly requiresSession: boolean;
  readonly defaultTtlMs?: number;
  readonly deadLetteringOnMessageExpiration: boolean;
}

/** Settings of anything messages wait in: a queue, or a subscription of a topic. */
export interface WaitingSettings extends CommonSettings, QueueSettings {}

/** Settings of anything messages are sent to: a queue or a topic. */
export interface SendingSettings {
  /** Duplicates are looked for this far back. Undefined: not at all. */
  readonly duplicateWindowMs?: number;
  /** Kept and told; no limit is enforced. */
  readonly maxSizeInMegabytes: number;
}

/** When an entity was made and last changed. */
export interface Stamps {
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface QueueSpec extends WaitingSettings, SendingSettings {
  readonly name: string;
}

export interface TopicSpec extends CommonSettings, SendingSettings {
  readonly name: string;
  /** Kept and told; order is always kept here. */
  readonly supportOrdering: boolean;
}

export interface SubscriptionSpec extends WaitingSettings {
  readonly topic: string;
  readonly name: string;
  /** Kept and told; a filter of this broker never fails, it only does not match. */
  readonly deadLetteringOnFilterEvaluationExceptions: boolean;
}

export type QueueDescription = QueueSpec & Stamps;
export type TopicDescription = TopicSpec & Stamps;
export type SubscriptionDescription = SubscriptionSpec & Stamps;

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
const commonDefaults: CommonSettings = { status: 'Active', enableBatchedOperations: true };
const sendingDefaults: SendingSettings = { maxSizeInMegabytes: 1024 };
const waitingDefaults: WaitingSettings = {
  ...commonDefaults,
  lockDurationMs: 60_000,
  maxDeliveryCount: 10,
  requiresSession: false,
  deadLetteringOnMessageExpiration: false,
};
export const queueDefaults: Omit<QueueSpec, 'name'> = { ...waitingDefaults, ...sendingDefaults };
export const topicDefaults: Omit<TopicSpec, 'name'> = { ...commonDefaults, ...sendingDefaults, supportOrdering: true };
export const subscriptionDefaults: Omit<SubscriptionSpec, 'name' | 'topic'> = {
  ...waitingDefaults,
  deadLetteringOnFilterEvaluationExceptions: true,
};

export function canSend({ status }: { status: EntityStatus }): boolean {
  return status === 'Active' || status === 'ReceiveDisabled';
}

export function canReceive({ status }: { status: EntityStatus }): boolean {
  return status === 'Active' || status === 'SendDisabled';
}

/** Messages of an entity by what they wait for. */
export interface RuntimeCounts {
  readonly active: number;
  readonly deadLetter: number;
  readonly scheduled: number;
  readonly sizeBytes: number;
}
