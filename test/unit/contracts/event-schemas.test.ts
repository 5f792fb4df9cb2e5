import { describe, expect, it } from 'vitest';
import {
  ReadinessEvent,
  type ReadinessEventType,
  readinessEventSchemas,
  toReadinessEventJsonSchema,
} from '../../../shared/contracts/events/readiness-event.js';

const types = Object.keys(readinessEventSchemas) as ReadinessEventType[];

function definitionOf(type: ReadinessEventType): Record<string, unknown> {
  const { $defs } = toReadinessEventJsonSchema(type) as { $defs: Record<string, Record<string, unknown>> };
  return $defs[type] ?? {};
}

describe('event schemas', () => {
  it.each(types)('%s: every example of the JSON Schema is a valid event', (type) => {
    const examples = definitionOf(type)['examples'] as unknown[];

    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(ReadinessEvent.parse(example)).toEqual(example);
  });

  it.each(types)('%s: the JSON Schema allows further members, as the product keeps them', (type) => {
    expect(definitionOf(type)).not.toMatchObject({ additionalProperties: false });
  });
});
