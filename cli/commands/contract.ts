import type { Command } from 'commander';
import { type ContractDiff, diffContracts } from '../../shared/domain/contract/diff.js';
import { toCanonicalSchema, toSchemaHash } from '../../shared/domain/contract/schema-hash.js';
import { FailedError } from '../errors.js';
import { print, toSafeText } from '../output.js';
import { readContracts, readOneContract } from '../registry/contract-files.js';
import { toDiffLines } from '../registry/contract-diff-lines.js';

/** `outport contract hash|diff`. */
export function addContractCommands(program: Command): void {
  const contract = program.command('contract').description('look at data contracts (Open Data Contract Standard v3)');
  contract
    .command('hash')
    .description("compute the schemaHash of a contract's schema; talks to nobody")
    .argument('<file>', 'YAML or JSON file with one or more contracts')
    .option('--canonical', 'print the very bytes that are hashed instead')
    .addHelpText(
      'after',
      '\nWhat counts and what does not: docs/schema-hash.md\n\nExamples:\n' +
        '  outport contract hash orders.odcs.yaml\n  outport contract hash orders.odcs.yaml --canonical | sha256sum\n',
    )
    .action(hash);
  contract
    .command('diff')
    .description('compare two versions of a contract and judge the version number')
    .argument('<old>', 'file with the earlier version')
    .argument('<new>', 'file with the later version')
    .option('--json', 'print JSON')
    .option('--fail-on-breaking', 'end with 1 on any breaking change, also when the version number says so')
    .addHelpText(
      'after',
      '\nEnds with 0 when the version number tells the truth, 1 when it promises less change than there is,\n' +
        '2 when a file cannot be used.\n\nExamples:\n' +
        '  outport contract diff main/orders.odcs.yaml orders.odcs.yaml\n' +
        '  outport contract diff old.yaml new.yaml --json | jq .judgement\n',
    )
    .action(diff);
}

async function hash(file: string, options: { canonical?: boolean }): Promise<void> {
  const contracts = await readContracts(file);
  for (const contract of contracts) {
    if (options.canonical) process.stdout.write(toCanonicalSchema(contract));
    else if (contracts.length === 1) print(toSchemaHash(contract));
    else print(`${toSchemaHash(contract)}  ${toSafeText(`${contract.id} ${contract.version}`)}`);
  }
}

async function diff(
  oldFile: string,
  newFile: string,
  options: { json?: boolean; failOnBreaking?: boolean },
): Promise<void> {
  const [from, to] = await Promise.all([readOneContract(oldFile), readOneContract(newFile)]);
  const result = diffContracts(from, to);
  if (options.json) print(JSON.stringify(result, null, 2));
  else for (const line of toDiffLines(result)) print(line);
  failOn(result, options.failOnBreaking === true);
}

function failOn({ changes, judgement }: ContractDiff, breaking: boolean): void {
  if (judgement.verdict === 'understated') {
    const next =
      judgement.needed === 'none' ? 'give it a version after the old one' : `raise the ${judgement.needed} version`;
    throw new FailedError(`the version number does not tell the truth: ${judgement.reason}`, next);
  }
  if (breaking && changes.some(({ kind }) => kind === 'breaking')) {
    throw new FailedError('there are breaking changes', 'take them back, or run without --fail-on-breaking');
  }
}
