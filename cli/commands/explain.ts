import { type Command, Option } from 'commander';
import { z } from 'zod';
import { Identifier, SubscriptionKey } from '../../shared/contracts/keys.js';
import { explain } from '../../shared/pipeline/operators/explain.js';
import { unwrap } from '../errors.js';
import { toExplanationLines } from '../operate/explanation-lines.js';
import { readQuery } from '../listing/read-query.js';
import { openOperator } from '../operate/open-operator.js';
import { print } from '../output.js';

interface ExplainOptions {
  readonly subscription?: string;
  readonly output: 'tree' | 'json';
}

const examples = `
Examples:
  outport explain orders-2026-03-10
  outport explain orders-2026-03-10 --subscription sub.finance.revenue.orders
  outport explain prod.3f.k7q2m4x5b6n7p2r3s2t3v4w5x6 --output json

Takes an event id, a trigger id, or the id of a quarantined record ("outport quarantine list"). Shows the way of the
event with times, every gate with the facts it used, and what would make a subscription fire that did not.
Exit code 4 when nothing is known about the id.
`;

const Asked = z.object({ id: Identifier, subscription: SubscriptionKey.optional() });

/** `outport explain <id>`. */
export function addExplainCommand(program: Command): void {
  program
    .command('explain')
    .description('say why an event did or did not fire, and what became of it')
    .argument('<id>', 'event id, trigger id or quarantine id')
    .option('--subscription <key>', 'only this subscription')
    .addOption(new Option('-o, --output <form>', 'form of the result').choices(['tree', 'json']).default('tree'))
    .addHelpText('after', examples)
    .action(async (id: string, { subscription, output }: ExplainOptions) => {
      const explanation = unwrap(await explain(readQuery(Asked, { id, subscription }, ['id']), openOperator()));
      if (output === 'json') print(JSON.stringify(explanation, null, 2));
      else toExplanationLines(explanation).forEach(print);
    });
}
