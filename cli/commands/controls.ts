import type { Command } from 'commander';
import { PauseRequest, ResumeRequest } from '../../shared/contracts/api/operations.js';
import type { AuditRecord } from '../../shared/contracts/audit.js';
import { AuditQuery } from '../../shared/contracts/api/queries.js';
import type { Pause } from '../../shared/contracts/controls.js';
import { toTargetText } from '../../shared/domain/pause-for.js';
import { queryAudit } from '../../shared/pipeline/operators/audit.js';
import { pause, resume } from '../../shared/pipeline/operators/change-controls.js';
import { InputError, unwrap } from '../errors.js';
import { type Column, type OutputForm, outputOption, printListing } from '../listing/listing.js';
import { readQuery } from '../listing/read-query.js';
import { actorOption, toActor } from '../operate/actor.js';
import { openOperator } from '../operate/open-operator.js';
import { note, paint, print } from '../output.js';

interface TargetOptions {
  readonly stage?: string;
  readonly port?: string;
  readonly subscription?: string;
  readonly everything?: true;
}

/** `outport pause|resume|controls|audit`. */
export function addControlCommands(program: Command): void {
  addPause(program);
  addResume(program);
  program
    .command('controls')
    .description('list what is paused')
    .addOption(outputOption())
    .addHelpText('after', '\nExamples:\n  outport controls\n  outport controls --output json\n')
    .action(async ({ output }: { output: OutputForm }) => {
      const { pauses } = await openOperator().controlStore.read();
      if (pauses.length === 0 && output === 'table') note('nothing is paused');
      else printListing({ items: pauses }, pauseColumns, output);
    });
  program
    .command('audit')
    .description('list who did what, newest first')
    .option('--target <text>', 'of one target, as listed')
    .option('--limit <n>', 'most items in one page (default: 50)')
    .option('--cursor <cursor>', 'the next page, as the page before named it')
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nExamples:\n  outport audit\n  outport audit --target "port op.sales.orders.daily"\n' +
        '  outport audit --limit 500 --output csv > audit.csv\n',
    )
    .action(async ({ output, ...options }: { output: OutputForm }) => {
      const listed = unwrap(await queryAudit(readQuery(AuditQuery, options), openOperator()));
      printListing(listed, auditColumns, output);
    });
}

function addTargetOptions(command: Command): Command {
  return command
    .option('--everything', 'all triggers of all stages')
    .option('--stage <stage>', 'all triggers of a stage')
    .option('--port <key>', 'all triggers that an output port has part in')
    .option('--subscription <key>', 'the triggers of one subscription')
    .addOption(actorOption());
}

function addPause(program: Command): void {
  const command = program
    .command('pause')
    .description('hold triggers in the ledger; events are still taken and decided');
  addTargetOptions(command)
    .requiredOption('--reason <text>', 'why, for consumers and the audit log')
    .addHelpText(
      'after',
      '\nExamples:\n  outport pause --everything --reason "storage migration"\n' +
        '  outport pause --port op.sales.orders.daily --reason "double-counted returns"\n\n' +
        'Running functions notice within OUTPORT_REGISTRY_REFRESH_MS.\n',
    )
    .action(async ({ reason, actor, ...options }: TargetOptions & { reason: string; actor?: string }) => {
      const request = readQuery(PauseRequest, { target: toTarget(options), reason });
      unwrap(await pause(request, { actor: toActor(actor) }, openOperator()));
      print(`${paint.yellow('paused')}  ${toTargetText(request.target)}`);
    });
}

function addResume(program: Command): void {
  const command = program.command('resume').description('let held triggers go again; the next sweep releases them');
  addTargetOptions(command)
    .option('--reason <text>', 'why, for the audit log')
    .addHelpText(
      'after',
      '\nExamples:\n  outport resume --everything\n  outport resume --port op.sales.orders.daily --reason "corrected"\n\n' +
        'Exit code 4 when it is not paused.\n',
    )
    .action(async ({ reason, actor, ...options }: TargetOptions & { reason?: string; actor?: string }) => {
      const request = readQuery(ResumeRequest, { target: toTarget(options), reason });
      unwrap(await resume(request, { actor: toActor(actor) }, openOperator()));
      print(`${paint.green('resumed')}  ${toTargetText(request.target)}`);
    });
}

/** @throws InputError unless exactly one target is named */
function toTarget({ everything, stage, port, subscription }: TargetOptions): unknown {
  const named = [
    ...(everything ? [{ kind: 'everything' }] : []),
    ...(stage === undefined ? [] : [{ kind: 'stage', stage }]),
    ...(port === undefined ? [] : [{ kind: 'port', port }]),
    ...(subscription === undefined ? [] : [{ kind: 'subscription', subscription }]),
  ];
  if (named.length === 1) return named[0];
  throw new InputError('name one target', 'use --everything, --stage, --port or --subscription');
}

const pauseColumns: Column<Pause>[] = [
  { name: 'since', value: ({ since }) => since },
  { name: 'paused', value: ({ target }) => toTargetText(target) },
  { name: 'by', value: ({ actor }) => actor },
  { name: 'reason', value: ({ reason }) => reason },
];

const auditColumns: Column<AuditRecord>[] = [
  { name: 'at', value: ({ at }) => at },
  { name: 'actor', value: ({ actor }) => actor },
  { name: 'action', value: ({ action }) => action },
  { name: 'target', value: ({ target }) => target },
  { name: 'reason', value: ({ reason }) => reason },
];
