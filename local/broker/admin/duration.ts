const pattern = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
/** The service's way of writing "no limit". */
export const unlimited = 'P10675199DT2H48M5.4775807S';

/** Milliseconds of an ISO 8601 duration without years and months; undefined for the service's "no limit". */
export function fromIsoDuration(text: string): number | undefined {
  if (text === unlimited) return undefined;
  const match = pattern.exec(text);
  if (!match) throw new RangeError(`'${text}' is not a duration such as PT1M`);
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return Math.round((((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000);
}

/** ISO 8601 duration of milliseconds; undefined becomes the service's "no limit". */
export function toIsoDuration(ms: number | undefined): string {
  return ms === undefined ? unlimited : `PT${ms / 1_000}S`;
}
