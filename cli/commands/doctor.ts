import { type Command, Option } from 'commander';
import { EnvironmentError } from '../errors.js';
import { type Finding, runChecks } from '../operate/doctor-checks.js';
import { paint, print, toSafeText } from '../output.js';

const examples = `
Examples:
  outport doctor
  outport doctor --output json

Checks settings, storage, hub, queues, topic, the registry in force and the consumers' channels, and says what to do
about each finding. Reads only. Exit code 0 when everything is well or only worth a look, 3 when something is broken.
`;

/** `outport doctor`. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check settings, connectivity, entities and permissions, and say what to do')
    .addOption(new Option('-o, --output <form>', 'form of the result').choices(['text', 'json']).default('text'))
    .addHelpText('after', examples)
    .action(async ({ output }: { output: 'text' | 'json' }) => {
      const findings = await runChecks();
      if (output === 'json') print(JSON.stringify({ findings }, null, 2));
      else findings.flatMap(toLines).forEach(print);
      const broken = findings.filter(({ state }) => state === 'broken');
      if (broken.length > 0) {
        throw new EnvironmentError(`${broken.length} checks failed`, 'do what stands behind each, then run it again');
      }
    });
}

const marks: Record<Finding['state'], string> = {
  well: paint.green('well   '),
  look: paint.yellow('look   '),
  broken: paint.red('broken '),
};

function toLines({ check, state, detail, next }: Finding): string[] {
  const line = `${marks[state]} ${check.padEnd(22)} ${toSafeText(detail)}`;
  return next === undefined ? [line] : [line, `        ${' '.repeat(22)} ${paint.bold('do')} ${toSafeText(next)}`];
}
