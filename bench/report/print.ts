import { type Budget, type Finding, isMet, type Section } from './finding.js';

/** A section as text: one line per finding, its spread, its budget and whether it is met. */
export function toTable({ title, about, findings }: Section): string {
  const rows = findings.map((finding) => [
    finding.what,
    `${toNumber(finding.value.median)} ${finding.unit}`,
    finding.value.rounds > 1 ? `${toNumber(finding.value.low)} .. ${toNumber(finding.value.high)}` : '',
    finding.budget === undefined ? '' : toBudget(finding.budget),
    toMark(finding),
  ]);
  const lines = align([['', 'median', 'lowest .. highest', 'budget', ''], ...rows]);
  return [`${title}: ${about}`, ...lines.map((line) => `  ${line}`)].join('\n');
}

function toMark(finding: Finding): string {
  const met = isMet(finding);
  if (met === undefined) return '';
  return met ? 'met' : 'MISSED';
}

function toBudget(budget: Budget): string {
  return 'atMost' in budget ? `<= ${budget.atMost}` : `>= ${budget.atLeast}`;
}

/** Three figures that count, without an exponent. */
function toNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const figures = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 1e-9))));
  return value.toFixed(Math.min(figures, 4));
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
