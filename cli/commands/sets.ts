import type { Command } from 'commander';
import type { PendingSet } from '../../shared/contracts/api/pending-set.js';
import { SetsQuery } from '../../shared/contracts/api/queries.js';
import { querySets } from '../../shared/pipeline/operators/query-sets.js';
import { unwrap } from '../errors.js';
import { type Column, type OutputForm, outputOption, printListing } from '../listing/listing.js';
import { readQuery } from '../listing/read-query.js';
import { openOperator } from '../operate/open-operator.js';

const examples = `
Examples:
  outport sets sub.finance.forecast.day
  outport sets sub.finance.forecast.day --fired --output json
`;

/** `outport sets`. */
export function addSetsCommand(program: Command): void {
  program
    .command('sets')
    .description('list what a subscription with several inputs waits for: what is there, what is missing, who owns it')
    .argument('<subscription>', 'sub.<domain>.<product>.<name>')
    .option('--stage <stage>', 'only this stage')
    .option('--fired', 'those that fired too')
    .option('--limit <n>', 'most items in one page (default: 50)')
    .option('--cursor <cursor>', 'the next page, as the page before named it')
    .addOption(outputOption())
    .addHelpText('after', examples)
    .action(async (subscription: string, { output, ...options }: { output: OutputForm }) => {
      const query = readQuery(SetsQuery, { ...options, subscription });
      printListing(unwrap(await querySets(query, openOperator())), columns, output);
    });
}

const columns: Column<PendingSet>[] = [
  { name: 'stage', value: ({ stage }) => stage },
  { name: 'set', value: ({ set }) => set },
  { name: 'there', value: ({ present }) => present.map(({ input, eventId }) => `${input} (${eventId})`).join(', ') },
  { name: 'missing', value: ({ missing }) => missing.map(({ input, owner }) => `${input} (${owner})`).join(', ') },
  { name: 'trigger', value: ({ triggerId }) => triggerId },
];
