/** The only source of wall-clock time in the pipeline; milliseconds since the epoch. */
export interface Clock {
  nowMs(): number;
}
