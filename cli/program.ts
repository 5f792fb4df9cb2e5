import { Command } from 'commander';
import { addCompletionCommand } from './commands/completion.js';
import { addConsumeCommand } from './commands/consume.js';
import { addContractCommands } from './commands/contract.js';
import { addCostCommand } from './commands/cost.js';
import { addControlCommands } from './commands/controls.js';
import { addDeadLetterCommands } from './commands/dead-letters.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addEmitCommand } from './commands/emit.js';
import { addExplainCommand } from './commands/explain.js';
import { addQuarantineCommands } from './commands/quarantine.js';
import { addQueryCommands } from './commands/query.js';
import { addRegistryCommands } from './commands/registry.js';
import { addReplayCommands } from './commands/replay.js';
import { addSchemaCommand } from './commands/schema.js';
import { addSetsCommand } from './commands/sets.js';
import { addSimulateCommand } from './commands/simulate.js';
import { addStartCommand } from './commands/start.js';
import { readPackageVersion } from './package-dir.js';

/** The `outport` program with every command; parsing throws instead of ending the process. */
export function createProgram(): Command {
  // Subcommands take over exitOverride from the program, so it is set before they are added.
  const program = new Command('outport')
    .description('Readiness signals for data products: sealed snapshots in, one trigger per allowed consumer out.')
    // Options of the program end where a command begins: `emit --version` is the contract's.
    .enablePositionalOptions()
    .version(readPackageVersion())
    .showHelpAfterError('(add --help for usage and examples)')
    .exitOverride();
  addStartCommand(program);
  addRegistryCommands(program);
  addContractCommands(program);
  addEmitCommand(program);
  addConsumeCommand(program);
  addSchemaCommand(program);
  addCostCommand(program);
  addQueryCommands(program);
  addSetsCommand(program);
  addExplainCommand(program);
  addSimulateCommand(program);
  addQuarantineCommands(program);
  addReplayCommands(program);
  addControlCommands(program);
  addDeadLetterCommands(program);
  addDoctorCommand(program);
  addCompletionCommand(program);
  return program;
}
