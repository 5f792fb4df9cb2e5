import { AmqpError } from '../amqp/amqp-error.js';
import { changeMessage, type IncomingMessage, type MessageChanges } from '../amqp/message-codec.js';
import { compileFilter } from '../filters/rule-filter.js';
import { compileSqlAction, FilterSyntaxError, type FilterMessage } from '../filters/sql.js';
import type { RuleDescription } from './entities.js';

/** A rule ready to run. */
export interface CompiledRule {
  readonly description: RuleDescription;
  readonly matches: (message: FilterMessage) => boolean;
  readonly act?: (message: FilterMessage) => MessageChanges;
}

/** @throws AmqpError for a filter or action that is not in the language; it says where */
export function compileRule(description: RuleDescription): CompiledRule {
  const { name, filter, action } = description;
  const matches = compiling(`filter of rule '${name}'`, () => compileFilter(filter));
  if (action === undefined) return { description, matches };
  return { description, matches, act: compiling(`action of rule '${name}'`, () => compileSqlAction(action)) };
}

function compiling<T>(what: string, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    throw new AmqpError(
      'com.microsoft:argument-error',
      `SubCode=40000. The ${what} is not valid: ${error.message}`,
      400,
    );
  }
}

/** The copies a subscription gets: one in all for rules without action, one each for rules with one. */
export function routeCopies(rules: Iterable<CompiledRule>, message: IncomingMessage): IncomingMessage[] {
  const { applicationProperties, ttlMs: _ttl, partitionKey: _key, scheduledAtMs: _at, ...system } = message.fields;
  const seen: FilterMessage = { system, properties: new Map(Object.entries(applicationProperties)) };
  const matching = [...rules].filter((rule) => rule.matches(seen));
  const plain = matching.some((rule) => !rule.act) ? [message] : [];
  return [...plain, ...matching.flatMap((rule) => (rule.act ? [toActedCopy(message, rule.act(seen), rule)] : []))];
}

function toActedCopy(
  message: IncomingMessage,
  { system, properties }: MessageChanges,
  rule: CompiledRule,
): IncomingMessage {
  return changeMessage(message, {
    ...(system && { system }),
    properties: { ...properties, RuleName: rule.description.name },
  });
}
