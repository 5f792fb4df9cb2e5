import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { connectionNames, parseSettings, SettingsError, SettingsSchema } from '../../../shared/config/settings.js';

const sample = JSON.parse(readFileSync('local.settings.sample.json', 'utf8')) as { Values: Record<string, string> };
const platformKeys = ['FUNCTIONS_WORKER_RUNTIME', 'AzureWebJobsStorage'];

describe('settings', () => {
  it('are exactly the keys of local.settings.sample.json', () => {
    const known = [...Object.keys(SettingsSchema.shape), ...Object.values(connectionNames), ...platformKeys];

    expect(Object.keys(sample.Values).sort()).toEqual(known.sort());
  });

  it('parse from the sample, and its optional values are the defaults', () => {
    const { EVENTHUB, SERVICEBUS, OUTPORT_TABLES, SERVICEBUS_ADMIN_URL } = sample.Values;

    expect(parseSettings(sample.Values)).toEqual(
      parseSettings({ EVENTHUB, SERVICEBUS, OUTPORT_TABLES, SERVICEBUS_ADMIN_URL }),
    );
  });

  it('report every problem at once, by variable', () => {
    const attempt = () => parseSettings({ EVENTHUB: 'x', OUTPORT_BUCKETS: '0', OUTPORT_STAGES: 'Prod' });

    expect(attempt).toThrow(SettingsError);
    expect(attempt).toThrow(
      /SERVICEBUS: not set[\s\S]*OUTPORT_TABLES: not set[\s\S]*OUTPORT_STAGES[\s\S]*OUTPORT_BUCKETS/,
    );
  });

  it('read an identity-based connection, and let a connection string win over it', () => {
    const identity = {
      EVENTHUB__fullyQualifiedNamespace: 'ns.servicebus.windows.net',
      EVENTHUB__credential: 'managedidentity',
      EVENTHUB__clientId: 'c1',
      SERVICEBUS: 'sb',
      OUTPORT_TABLES: 'tables',
    };

    expect(parseSettings(identity).eventHub).toEqual({
      kind: 'identity',
      endpoint: 'ns.servicebus.windows.net',
      clientId: 'c1',
      managed: true,
    });
    expect(parseSettings({ ...identity, EVENTHUB: 'eh' }).eventHub).toEqual({ kind: 'connection-string', value: 'eh' });
  });
});
