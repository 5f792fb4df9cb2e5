import { type Command, Option } from 'commander';
import { DeadLettersQuery, type DeadLetterView, RedriveRequest } from '../../shared/contracts/api/operations.js';
import { listDeadLetters, redrive } from '../../shared/pipeline/operators/redrive.js';
import { unwrap } from '../errors.js';
import { type Column, type OutputForm, outputOption, printListing } from '../listing/listing.js';
import { readQuery } from '../listing/read-query.js';
import { actorOption, toActor } from '../operate/actor.js';
import { withOperator } from '../operate/open-operator.js';
import { note, paint, print } from '../output.js';

/** `outport dead-letters list|redrive`. */
export function addDeadLetterCommands(program: Command): void {
  const group = program
    .command('dead-letters')
    .description('look at messages that the broker gave up on, and send them again');
  addPlace(group.command('list').description('list dead letters, oldest first'))
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nExamples:\n  outport dead-letters list --consumer dp.finance.revenue\n  outport dead-letters list --queue dispatch\n',
    )
    .action(async ({ output, ...options }: { output: OutputForm }) => {
      const query = readQuery(DeadLettersQuery, options);
      printListing(await withOperator(async (deps) => unwrap(await listDeadLetters(query, deps))), columns, output);
    });
  addPlace(group.command('redrive').description('send dead letters again under the same ids'))
    .requiredOption('--reason <text>', 'why, for the audit log')
    .addOption(actorOption())
    .addHelpText(
      'after',
      '\nExamples:\n  outport dead-letters redrive --consumer dp.finance.revenue --reason "consumer is mended"\n\n' +
        'What the topic would still drop as a duplicate stays; try again when its window is over.\n',
    )
    .action(async ({ actor, limit, ...options }: { actor?: string; limit?: string }) => {
      const request = readQuery(RedriveRequest, { ...options, ...(limit !== undefined && { limit: Number(limit) }) });
      const result = await withOperator(async (deps) => unwrap(await redrive(request, toActor(actor), deps)));
      for (const { messageId } of result.redriven) print(`${paint.green('sent again')}  ${messageId}`);
      for (const { messageId } of result.tooRecent) print(`${paint.yellow('too recent')}  ${messageId}`);
      if (result.redriven.length + result.tooRecent.length === 0) note('nothing found');
    });
}

function addPlace(command: Command): Command {
  return command
    .addOption(new Option('--queue <queue>', 'of one of our queues').choices(['normalize', 'evaluate', 'dispatch']))
    .option('--consumer <key>', 'of the channel of a consumer')
    .option('--limit <n>', 'most messages (default: 50)');
}

const columns: Column<DeadLetterView>[] = [
  { name: 'enqueued', value: ({ enqueuedAt }) => enqueuedAt },
  { name: 'reason', value: ({ reason }) => reason },
  { name: 'deliveries', value: ({ deliveryCount }) => deliveryCount },
  { name: 'message', value: ({ messageId }) => messageId },
];
