import type { Command } from 'commander';
import {
  readinessEventSchemas,
  type ReadinessEventType,
  toReadinessEventJsonSchema,
} from '../../shared/contracts/events/readiness-event.js';
import { InputError } from '../errors.js';
import { print } from '../output.js';

/** `outport schema [eventType]`. */
export function addSchemaCommand(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of one kind of event, or of all')
    .argument('[eventType]', `one of ${Object.keys(readinessEventSchemas).join(', ')}`)
    .addHelpText('after', '\nExamples:\n  outport schema OutputPortSnapshotSealed > sealed.schema.json\n')
    .action((eventType?: string) => print(JSON.stringify(toSchema(eventType), null, 2)));
}

function toSchema(eventType: string | undefined): unknown {
  if (eventType === undefined) {
    const types = Object.keys(readinessEventSchemas).filter(isEventType);
    return Object.fromEntries(types.map((type) => [type, toReadinessEventJsonSchema(type)]));
  }
  if (isEventType(eventType)) return toReadinessEventJsonSchema(eventType);
  const names = Object.keys(readinessEventSchemas).join(', ');
  throw new InputError(`there is no event type "${eventType}"`, `use one of ${names}`);
}

function isEventType(name: string): name is ReadinessEventType {
  return Object.hasOwn(readinessEventSchemas, name);
}
