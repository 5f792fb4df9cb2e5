import { Command } from 'commander';
import { addConsumeCommand } from './commands/consume.js';
import { addContractCommands } from './commands/contract.js';
import { addCostCommand } from './commands/cost.js';
import { addEmitCommand } from './commands/emit.js';
import { addRegistryCommands } from './commands/registry.js';
import { addSchemaCommand } from './commands/schema.js';
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
  return program;
}
