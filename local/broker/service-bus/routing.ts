import { encodeApplicationProperties, type IncomingMessage } from '../amqp/message-codec.js';
import { compileFilter } from '../filters/rule-filter.js';
import { compileSqlAction, type FilterMessage } from '../filters/sql.js';
import type { RuleDescription } from './entities.js';

/** A rule ready to run. */
export interface CompiledRule {
  readonly description: RuleDescription;
  readonly matches: (message: FilterMessage) => boolean;
  readonly act?: (message: FilterMessage) => Map<string, unknown>;
}

/** @throws FilterSyntaxError */
export function compileRule(description: RuleDescription): CompiledRule {
  const matches = compileFilter(description.filter);
  return description.action === undefined
    ? { description, matches }
    : { description, matches, act: compileSqlAction(description.action) };
}

/** The copies a subscription gets: one in all for rules without action, one each for rules with one. */
export function routeCopies(rules: Iterable<CompiledRule>, message: IncomingMessage): IncomingMessage[] {
  const { applicationProperties, ttlMs: _ttl, partitionKey: _key, scheduledAtMs: _at, ...system } = message.fields;
  const seen: FilterMessage = { system, properties: new Map(Object.entries(applicationProperties)) };
  const matching = [...rules].filter((rule) => rule.matches(seen));
  const plain = matching.some((rule) => !rule.act) ? [message] : [];
  return [...plain, ...matching.flatMap((rule) => (rule.act ? [toActedCopy(message, rule.act(seen), rule)] : []))];
}

function toActedCopy(message: IncomingMessage, changed: Map<string, unknown>, rule: CompiledRule): IncomingMessage {
  const applicationProperties = { ...Object.fromEntries(changed), RuleName: rule.description.name };
  return {
    ...message,
    applicationProperties: encodeApplicationProperties(applicationProperties),
    fields: { ...message.fields, applicationProperties },
  };
}
