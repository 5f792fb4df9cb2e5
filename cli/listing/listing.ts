import { Option } from 'commander';
import Table from 'cli-table3';
import { stringify } from 'csv-stringify/sync';
import { note, paint, print, toSafeText } from '../output.js';

/** Forms in which a command can give its result. */
export const outputForms = ['table', 'json', 'jsonl', 'csv'] as const;
export type OutputForm = (typeof outputForms)[number];

/** `--output`, the same on every command that lists. */
export function outputOption(): Option {
  return new Option('-o, --output <form>', 'form of the result').choices(outputForms).default('table');
}

/** One column of a listing, for tables and CSV. */
export interface Column<T> {
  readonly name: string;
  readonly value: (item: T) => string | number | undefined;
}

interface Listing<T> {
  readonly items: readonly T[];
  readonly cursor?: string;
}

/** Print items: a table for people, JSON (whole, with the cursor), JSON lines, or CSV. */
export function printListing<T>(listing: Listing<T>, columns: readonly Column<T>[], form: OutputForm): void {
  switch (form) {
    case 'json':
      print(JSON.stringify(listing, null, 2));
      return;
    case 'jsonl':
      for (const item of listing.items) print(JSON.stringify(item));
      break;
    case 'csv':
      process.stdout.write(toCsv(listing.items, columns));
      break;
    case 'table':
      if (listing.items.length === 0) note('nothing found');
      else print(toTable(listing.items, columns));
      break;
    default:
      form satisfies never;
  }
  if (listing.cursor !== undefined) note(`more with --cursor ${listing.cursor}`);
}

function toTable<T>(items: readonly T[], columns: readonly Column<T>[]): string {
  const bare = { 'top-left': '', 'top-mid': '', 'top-right': '', 'mid-mid': '', 'bottom-left': '', 'bottom-mid': '' };
  const lines = {
    top: '',
    bottom: '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    right: '',
    'right-mid': '',
  };
  const table = new Table({
    head: columns.map(({ name }) => paint.bold(name)),
    chars: { ...bare, ...lines, middle: ' ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1 },
  });
  for (const item of items) table.push(columns.map(({ value }) => toSafeText(String(value(item) ?? ''))));
  return table.toString();
}

// A cell that begins like a formula runs in a spreadsheet; a quote in front keeps it text.
const formula = /^[=+\-@\t\r]/;

function toCsv<T>(items: readonly T[], columns: readonly Column<T>[]): string {
  const cell = (value: string | number | undefined): string | number | undefined =>
    typeof value === 'string' && formula.test(value) ? `'${value}` : value;
  const rows = items.map((item) => columns.map(({ value }) => cell(value(item))));
  return stringify(rows, { header: true, columns: columns.map(({ name }) => name) });
}
