const pattern = /^P(?=\d|T\d)(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
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

/** ISO 8601 duration of milliseconds in its largest units, as the service writes it; undefined becomes "no limit". */
export function toIsoDuration(ms: number | undefined): string {
  if (ms === undefined) return unlimited;
  const part = (value: number, unit: string): string => (value === 0 ? '' : `${value}${unit}`);
  const days = part(Math.floor(ms / 86_400_000), 'D');
  const hours = part(Math.floor(ms / 3_600_000) % 24, 'H');
  const minutes = part(Math.floor(ms / 60_000) % 60, 'M');
  const seconds = part((ms % 60_000) / 1_000, 'S');
  const time = hours + minutes + seconds;
  if (days + time === '') return 'PT0S';
  return `P${days}${time === '' ? '' : `T${time}`}`;
}
