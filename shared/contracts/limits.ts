/**
 * Every size bound on what comes in from outside, in one place.
 *
 * An event must fit, with its evidence, into one Service Bus Standard message (256 KB) and its JSON into one
 * Table Storage binary property (64 KiB); both bounds are far above what a readiness event needs.
 */
export const limits = {
  /** Largest event body accepted from the hub, in bytes. */
  eventBytes: 60_000,
  /** Deepest nesting of objects and arrays. */
  depth: 32,
  /** Most keys in one object. */
  keysPerObject: 256,
  /** Most elements in one array. */
  arrayLength: 1_000,
  /** Longest string anywhere in an event, in UTF-16 units. */
  stringLength: 16_384,
  /** Longest identifier: event id, correlation id, batch id, partition, watermark. */
  idLength: 256,
  /** Longest data product or output port key. */
  keyLength: 128,
  /** Longest member name anywhere in an event, in UTF-16 units. */
  memberNameLength: 256,
  /** Times an event may speak of: from this year ... */
  firstYear: 1970,
  /** ... to this one; row keys order times up to the year 5138. */
  lastYear: 4999,
  /** Longest semver range in a subscription. */
  rangeLength: 128,
  /** Triggers in a row that may lead to a snapshot before it is taken for a loop. */
  chainDepth: 64,
  /** Snapshots in one trigger: each writes a row of the transaction that stores it. */
  inputsPerTrigger: 64,
  /** Triggers one trigger may stand for when a subscription asks for the latest only. */
  absorbedPerTrigger: 1_000,
  /** Problems named for one refused event; the rest are counted. */
  problemsPerEvent: 50,
} as const;
