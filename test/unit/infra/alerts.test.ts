import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toLogLine } from '../../../functions/log-line.js';
import { LogRecord } from '../../../shared/contracts/log-record.js';
import { deployment, ofType } from '../../support/infra.js';
import { checkQuery } from '../../support/kusto.js';

const folder = 'infra/queries';
const queries = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
/** Members of each log record, by its event. */
const members = new Map(
  LogRecord.options.map(({ shape }) => [shape.event.value as string, new Set<string>(Object.keys(shape))]),
);

interface LogAlert {
  readonly displayName: string;
  readonly description: string;
  readonly criteria: { readonly allOf: readonly { query: string; metricMeasureColumn?: string }[] };
  readonly actions: { readonly actionGroups: readonly unknown[] };
}

const { resources } = deployment();
// The members that the tests read are checked by them; a template without one fails there.
const logAlerts = ofType(resources, 'Microsoft.Insights/scheduledQueryRules').map(
  ({ properties }) => properties as unknown as LogAlert,
);

describe('the queries', () => {
  it.each([...queries])('%s read only members that the named log records have', (_name, query) => {
    const events = [...query.matchAll(/event (?:==|in) \(?((?:"\w+"(?:, )?)+)\)?/g)].flatMap(([, list]) =>
      [...(list ?? '').matchAll(/"(\w+)"/g)].map(([, event]) => event ?? ''),
    );
    const read = [...query.matchAll(/record\.(\w+)/g)].map(([, member]) => member ?? '');

    expect(events.length).toBeGreaterThan(0);
    for (const event of events) expect([...members.keys()]).toContain(event);
    for (const member of read) {
      const known = events.some((event) => members.get(event)?.has(member));
      expect(known, `${member} is in a record of ${events.join(', ')}`).toBe(true);
    }
  });

  it.each([...queries])('%s find the records the way the functions write them', (_name, query) => {
    const lines = query.split('\n');

    expect(lines[0]).toMatch(/^\/\/ .+/);
    expect(lines.slice(1, 5)).toEqual([
      'AppTraces',
      '| where Message startswith "{"',
      '| extend record = parse_json(Message)',
      '| extend event = tostring(record.event)',
    ]);
    expect(toLogLine({ event: 'swept', handedOn: 0, released: 0, waiting: 0, oldestPendingMs: 0 })).toMatch(/^\{/);
  });

  it.each([...queries])('%s are KQL, and read columns that the table of traces has', (_name, query) => {
    const traces = { AppTraces: 'TimeGenerated:datetime, Message:string, SeverityLevel:int, AppRoleName:string' };

    expect(checkQuery(query, traces)).toEqual([]);
    expect(checkQuery(query.replace('where Message', 'where Massage'), traces)).not.toEqual([]);
    expect(checkQuery(query.replace('| extend', '| extnd'), traces)).not.toEqual([]);
  });

  it('are all used, by an alert or by the workbook', () => {
    const used = JSON.stringify(resources.map(({ properties }) => properties));

    for (const [name, query] of queries) {
      const inAlert = used.includes(JSON.stringify(query).slice(1, -1));
      const inWorkbook = used.includes(JSON.stringify(JSON.stringify(query)).slice(3, -3));
      expect(inAlert || inWorkbook, name).toBe(true);
    }
  });
});

describe('the alerts', () => {
  it('measure a column that their query makes', () => {
    for (const { criteria, displayName } of logAlerts) {
      const [{ query, metricMeasureColumn } = { query: '' }] = criteria.allOf;
      if (metricMeasureColumn === undefined) continue;
      expect(query, displayName).toMatch(new RegExp(`summarize .*\\b${metricMeasureColumn} = `));
    }
  });

  it('cover quarantine, dead letters, pending age, trigger lag, silence and throttling', () => {
    const names = resources.filter(({ type }) => /scheduledQueryRules|metricAlerts/.test(type)).map(({ name }) => name);

    expect(names.sort()).toEqual(
      [
        'dead-letters',
        'evaluation-silent',
        'event-hubs-throttled',
        'functions-silent',
        'gate-errors',
        'pending-age',
        'put-back',
        'quarantine-not-empty',
        'service-bus-throttled',
        'tables-throttled',
        'trigger-lag',
      ].map((name) => `outport-prod-${name}`),
    );
  });

  it('say what to do', () => {
    for (const { description } of logAlerts) expect(description).toMatch(/^.{40,}\.$/);
  });

  it('tell somebody when there is somebody to tell', () => {
    expect(ofType(resources, 'Microsoft.Insights/actionGroups')).toEqual([]);
    const told = deployment({ alertEmail: 'team@example.com' }).resources;
    const [group] = ofType(told, 'Microsoft.Insights/actionGroups');

    expect(group?.properties['emailReceivers']).toMatchObject([{ emailAddress: 'team@example.com' }]);
    for (const { properties } of ofType(told, 'Microsoft.Insights/scheduledQueryRules')) {
      expect(properties['actions']).toEqual({ actionGroups: [group?.id] });
    }
    for (const { properties } of ofType(told, 'Microsoft.Insights/metricAlerts')) {
      expect(properties['actions']).toEqual([{ actionGroupId: group?.id }]);
    }
  });
});

describe('the workbook', () => {
  it('is JSON whose panels hold the queries', () => {
    const [workbook] = ofType(resources, 'Microsoft.Insights/workbooks');
    const data = JSON.parse(workbook?.properties['serializedData'] as string) as {
      items: { type: number; content: { query?: string } }[];
    };
    const panels = data.items.filter(({ type }) => type === 3).map(({ content }) => content.query);

    expect(panels.length).toBeGreaterThan(5);
    for (const query of panels) expect([...queries.values()]).toContain(query);
  });
});
