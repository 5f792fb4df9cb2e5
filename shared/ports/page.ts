/** A part of a list, and the key behind which the next part begins. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Absent when this was the last part. A page may be shorter than asked and still have a next. */
  readonly after?: string;
}

/** Which part of a list: at most `limit` items behind `after`, a key that an earlier page gave. */
export interface PageRequest {
  readonly limit: number;
  readonly after?: string;
}
