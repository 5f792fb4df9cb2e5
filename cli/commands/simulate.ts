import { type Command, Option } from 'commander';
import type { SimulatedVerdict, Simulation } from '../../shared/contracts/api/simulation.js';
import { simulate } from '../../shared/pipeline/operators/simulate.js';
import { readBytes } from '../emit/read-events.js';
import { toGateLine, toRemedyLines } from '../operate/explanation-lines.js';
import { openOperator } from '../operate/open-operator.js';
import { paint, print, toSafeText } from '../output.js';

const examples = `
Examples:
  outport simulate --event event.json
  outport simulate --event retraction.json
  producer-job | outport simulate --event - --output json

Of a retraction it says whose triggers would be taken back. Decides with the registry in force and what is stored now, by the same code as live events; nothing is written or sent.
`;

/** `outport simulate`. */
export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('say where an event would end and what every subscription would say')
    .requiredOption('--event <file>', 'JSON of the event; "-" is standard input')
    .addOption(new Option('-o, --output <form>', 'form of the result').choices(['text', 'json']).default('text'))
    .addHelpText('after', examples)
    .action(async ({ event, output }: { event: string; output: 'text' | 'json' }) => {
      const simulation = await simulate({ body: await readBytes(event), properties: {} }, openOperator());
      if (output === 'json') print(JSON.stringify(simulation, null, 2));
      else toLines(simulation).forEach(print);
    });
}

function toLines({ outcome, reason, problems, verdicts, registryVersion }: Simulation): string[] {
  const registry = registryVersion === undefined ? '' : paint.dim(`  registry ${registryVersion}`);
  return [
    `would end as ${paint.bold(outcome)}${reason === undefined ? '' : `  ${paint.red(reason)}`}${registry}`,
    ...problems.map(({ path, message }) => `  ${toSafeText(`${path}: ${message}`)}`),
    ...verdicts.flatMap(toVerdictLines),
  ];
}

const effectMarks: Record<SimulatedVerdict['effect'], string> = {
  fires: paint.green('fires'),
  held: paint.yellow('held'),
  revokes: paint.red('revokes'),
  withdraws: paint.red('withdraws'),
  none: paint.dim('no effect'),
};

function toVerdictLines(verdict: SimulatedVerdict): string[] {
  const { subscription, consumer, outcome, effect, gates, triggerId, firstEventId, heldFor = [], remedies } = verdict;
  const first = firstEventId === undefined ? '' : `  fired before for ${toSafeText(firstEventId)}`;
  return [
    `  ${subscription}  ${outcome}  ${effectMarks[effect]}  for ${consumer}${first}`,
    ...(triggerId === undefined ? [] : [`    trigger ${triggerId}`]),
    ...(verdict.revokes ?? []).map((id) => `    ${paint.red('takes back')}  ${id}`),
    ...(verdict.withdraws ?? []).map((id) => `    ${paint.red('never leaves')}  ${id}`),
    ...heldFor.map(({ reason }) => `    ${paint.yellow('held')}  ${toSafeText(reason)}`),
    ...gates.map(toGateLine),
    ...remedies.flatMap(toRemedyLines),
  ];
}
