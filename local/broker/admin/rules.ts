import type { RuleDescription, RuleFilter } from '../service-bus/entities.js';
import type { Xml } from './atom.js';

/** The client sends a true filter as SQL `1=1`; the service shows it back as a SQL filter too. */
const trueExpression = '1=1';

const correlationMembers = [
  ['CorrelationId', 'correlationId'],
  ['MessageId', 'messageId'],
  ['To', 'to'],
  ['ReplyTo', 'replyTo'],
  ['Label', 'subject'],
  ['SessionId', 'sessionId'],
  ['ReplyToSessionId', 'replyToSessionId'],
  ['ContentType', 'contentType'],
] as const;

/** The rule in a `RuleDescription` or `DefaultRuleDescription` element. */
export function readRule(name: string, xml: Xml, createdAtMs: number): RuleDescription {
  const action = child(xml, 'Action')['SqlExpression'];
  const filter = readFilter(child(xml, 'Filter'));
  return { name, filter, createdAtMs, ...(typeof action === 'string' && { action }) };
}

function readFilter(xml: Xml): RuleFilter {
  const expression = xml['SqlExpression'];
  if (expression === trueExpression) return { kind: 'true' };
  if (typeof expression === 'string') return { kind: 'sql', expression };
  const members = correlationMembers.map(([tag, member]) => [member, xml[tag]] as const);
  const present = members.filter(([, value]) => typeof value === 'string' && value !== '');
  const properties = readProperties(child(xml, 'Properties'));
  return {
    kind: 'correlation',
    ...Object.fromEntries(present),
    ...(Object.keys(properties).length > 0 && { properties }),
  };
}

function readProperties(xml: Xml): Record<string, string | number | boolean> {
  const list = xml['KeyValueOfstringanyType'] ?? [];
  const pairs = (Array.isArray(list) ? list : [list]) as { Key: string; Value: Xml | string }[]; // the SDK's own form
  return Object.fromEntries(pairs.map(({ Key, Value }) => [Key, readValue(Value)]));
}

function readValue(value: Xml | string): string | number | boolean {
  if (typeof value === 'string') return value;
  const { '#text': content } = value;
  const text = typeof content === 'string' ? content : '';
  const type = Object.entries(value).find(([name]) => name.endsWith(':type'))?.[1];
  const kind = String(type).split(':').at(-1);
  if (kind === 'boolean') return text === 'true';
  return kind === 'int' || kind === 'long' || kind === 'double' ? Number(text) : text;
}

export function writeRule({ name, filter, action, createdAtMs }: RuleDescription): Xml {
  return {
    Filter: writeFilter(filter),
    Action:
      action === undefined ? { '@i:type': 'EmptyRuleAction' } : { '@i:type': 'SqlRuleAction', SqlExpression: action },
    CreatedAt: new Date(createdAtMs).toISOString(),
    Name: name,
  };
}

function writeFilter(filter: RuleFilter): Xml {
  switch (filter.kind) {
    case 'true':
      return { '@i:type': 'TrueFilter', SqlExpression: trueExpression };
    case 'false':
      return { '@i:type': 'FalseFilter', SqlExpression: '1=0' };
    case 'sql':
      return { '@i:type': 'SqlFilter', SqlExpression: filter.expression };
    case 'correlation': {
      const members = correlationMembers.map(([tag, member]) => [tag, filter[member]] as const);
      const present = Object.fromEntries(members.filter(([, value]) => value !== undefined));
      return { '@i:type': 'CorrelationFilter', ...present, ...writeProperties(filter.properties ?? {}) };
    }
    default:
      return filter satisfies never;
  }
}

function writeProperties(properties: Readonly<Record<string, string | number | boolean>>): Xml {
  const entries = Object.entries(properties);
  if (entries.length === 0) return {};
  const pairs = entries.map(([Key, value]) => ({
    Key,
    Value: {
      '@i:type': `d6p1:${typeof value === 'number' ? 'double' : typeof value}`,
      '@xmlns:d6p1': 'http://www.w3.org/2001/XMLSchema',
      '#text': String(value),
    },
  }));
  return { Properties: { KeyValueOfstringanyType: pairs } };
}

function child(xml: Xml, name: string): Xml {
  const value = xml[name];
  return typeof value === 'object' && value !== null ? (value as Xml) : {};
}
