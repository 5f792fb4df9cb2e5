import type { RuleFilter } from '../service-bus/entities.js';
import { compileSqlFilter, type FilterMessage } from './sql.js';

const systemMembers = [
  'correlationId',
  'messageId',
  'to',
  'replyTo',
  'subject',
  'sessionId',
  'replyToSessionId',
  'contentType',
] as const;

/** A rule's filter as a predicate. @throws FilterSyntaxError */
export function compileFilter(filter: RuleFilter): (message: FilterMessage) => boolean {
  switch (filter.kind) {
    case 'true':
      return () => true;
    case 'false':
      return () => false;
    case 'sql':
      return compileSqlFilter(filter.expression);
    case 'correlation':
      return compileCorrelation(filter);
    default:
      return filter satisfies never;
  }
}

/** Every member that is set must be equal. */
function compileCorrelation(filter: RuleFilter & { kind: 'correlation' }): (message: FilterMessage) => boolean {
  const members = systemMembers.filter((member) => filter[member] !== undefined);
  const properties = Object.entries(filter.properties ?? {});
  return (message) =>
    members.every((member) => message.system[member] === filter[member]) &&
    properties.every(([name, value]) => message.properties.get(name) === value);
}
