/** The JSON line with `"ready": true` by which our programs tell that they run; undefined for any other line. */
export function readReadyLine(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && 'ready' in value && value.ready === true) return { ...value };
  } catch {
    // Not a JSON line, so not the ready line.
  }
  return undefined;
}
