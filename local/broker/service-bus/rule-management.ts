import { AmqpError } from '../amqp/amqp-error.js';
import type { ManagementReply } from '../amqp/request-reply.js';
import { amqp } from '../amqp/rhea-message.js';
import type { RuleDescription, RuleFilter } from './entities.js';
import { addRule, removeRule } from './entity-store.js';
import type { Namespace } from './namespace.js';

type Body = Readonly<Record<string, unknown>>;

/** Descriptors of the wire form of rules, as the service's clients expect them. */
const codes = {
  rule: 0x13700000004,
  noAction: 0x13700000005,
  sqlAction: 0x13700000006,
  sqlFilter: 0x1370000006,
  trueFilter: 0x1370000007,
  falseFilter: 0x1370000008,
  correlationFilter: 0x1370000009,
} as const;
const sqlCompatibility = 20;

/** Rule operations of a subscription's management node; undefined when the operation is another. */
export function manageRules(
  namespace: Namespace,
  address: string,
  operation: string,
  body: Body,
): Promise<ManagementReply> | ManagementReply | undefined {
  const subscription = namespace.findSubscription(address);
  if (!subscription) return undefined;
  switch (operation) {
    case 'com.microsoft:add-rule':
      return add(namespace, address, body);
    case 'com.microsoft:remove-rule':
      return remove(namespace, address, String(body['rule-name']));
    case 'com.microsoft:enumerate-rules': {
      const skip = Number(body['skip'] ?? 0);
      const rules = [...subscription.rules.values()].slice(skip, skip + Number(body['top'] ?? 100));
      if (rules.length === 0) return { status: 204 };
      return {
        status: 200,
        body: { rules: amqp.list(rules.map(({ description }) => ({ 'rule-description': toWire(description) }))) },
      };
    }
    default:
      return undefined;
  }
}

async function add(namespace: Namespace, address: string, body: Body): Promise<ManagementReply> {
  const description = body['rule-description'] as Record<string, Record<string, unknown> | undefined>; // a map by the protocol
  const action = description['sql-rule-action']?.['expression'];
  const rule: RuleDescription = {
    name: String(body['rule-name']),
    filter: toFilter(description),
    ...(typeof action === 'string' && { action }),
    createdAtMs: namespace.nowMs(),
  };
  if ((await addRule(namespace, address, rule)) === 'exists') {
    throw new AmqpError('com.microsoft:entity-already-exists', `The rule ${rule.name} exists already.`, 409);
  }
  return { status: 200, body: {} };
}

async function remove(namespace: Namespace, address: string, name: string): Promise<ManagementReply> {
  if (await removeRule(namespace, address, name)) return { status: 200, body: {} };
  throw new AmqpError('amqp:not-found', `The messaging entity '${address}/Rules/${name}' could not be found.`, 404);
}

function toFilter(description: Record<string, Record<string, unknown> | undefined>): RuleFilter {
  const expression = description['sql-filter']?.['expression'];
  if (typeof expression === 'string') return { kind: 'sql', expression };
  const filter = description['correlation-filter'] ?? {};
  const text = (name: string): string | undefined => (typeof filter[name] === 'string' ? filter[name] : undefined);
  const members = {
    correlationId: text('correlation-id'),
    messageId: text('message-id'),
    to: text('to'),
    replyTo: text('reply-to'),
    subject: text('label'),
    sessionId: text('session-id'),
    replyToSessionId: text('reply-to-session-id'),
    contentType: text('content-type'),
    properties: filter['properties'] ?? undefined,
  };
  const present = Object.entries(members).filter(([, value]) => value !== undefined);
  return { kind: 'correlation', ...Object.fromEntries(present) };
}

function toWire({ name, filter, action, createdAtMs }: RuleDescription): unknown {
  const wireAction =
    action === undefined
      ? amqp.described(codes.noAction, [])
      : amqp.described(codes.sqlAction, [amqp.string(action), amqp.int(sqlCompatibility)]);
  return amqp.described(codes.rule, [toWireFilter(filter), wireAction, name, amqp.timestamp(createdAtMs)]);
}

function toWireFilter(filter: RuleFilter): unknown {
  switch (filter.kind) {
    case 'true':
      return amqp.described(codes.trueFilter, []);
    case 'false':
      return amqp.described(codes.falseFilter, []);
    case 'sql':
      return amqp.described(codes.sqlFilter, [amqp.string(filter.expression), amqp.int(sqlCompatibility)]);
    case 'correlation': {
      const { correlationId, messageId, to, replyTo, subject, sessionId, replyToSessionId, contentType } = filter;
      const members = [correlationId, messageId, to, replyTo, subject, sessionId, replyToSessionId, contentType];
      return amqp.described(codes.correlationFilter, [
        ...members.map((member) => member ?? null),
        filter.properties ?? {},
      ]);
    }
    default:
      return filter satisfies never;
  }
}
