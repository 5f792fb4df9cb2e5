/** What a change means for those who read the data: `breaking` may stop them, `additive` may not, `cosmetic` cannot. */
export type ChangeKind = 'breaking' | 'additive' | 'cosmetic';

/** One difference between two versions of a contract. */
export interface ContractChange {
  readonly kind: ChangeKind;
  /** Stable code for machines, e.g. `property-removed`. */
  readonly code: string;
  /** Where, by names: `schema.orders.order_id`. */
  readonly path: string;
  readonly message: string;
}

/** A JSON value on one line, short enough to read. */
export function toShortText(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
