import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isDisabled, readAppSettings, resolveSettings } from '../../../local/host/settings/app-settings.js';
import { resolveHostStorage, resolveMessaging } from '../../../local/host/settings/connections.js';
import { parseHostJson } from '../../../local/host/settings/host-json.js';
import { toMs } from '../../../local/host/settings/time-span.js';

describe('host.json', () => {
  const parse = (value: unknown, env: Record<string, string> = {}) => parseHostJson(JSON.stringify(value), env);

  it('gets the platform’s defaults for everything left out', () => {
    const parsed = parse({ version: '2.0' });
    expect(parsed).toMatchObject({
      kind: 'ok',
      ignoredKeys: [],
      settings: {
        functionTimeout: 1_800_000,
        extensions: {
          eventHubs: {
            maxEventBatchSize: 100,
            batchCheckpointFrequency: 1,
            partitionOwnershipExpirationInterval: 60_000,
          },
          serviceBus: { maxMessageBatchSize: 1000, autoCompleteMessages: true, maxAutoLockRenewalDuration: 300_000 },
          http: { routePrefix: 'api' },
        },
      },
    });
  });

  it('is overridden by app settings, whatever their case', () => {
    const env = {
      AzureFunctionsJobHost__extensions__serviceBus__maxMessageBatchSize: '7',
      AZUREFUNCTIONSJOBHOST__EXTENSIONS__EVENTHUBS__ENABLECHECKPOINTING: 'False',
    };
    expect(parse({ version: '2.0' }, env)).toMatchObject({
      settings: { extensions: { serviceBus: { maxMessageBatchSize: 7 }, eventHubs: { enableCheckpointing: false } } },
    });
  });

  it('names the keys that are ignored, such as the other extension’s spelling', () => {
    const parsed = parse({
      version: '2.0',
      extensions: { serviceBus: { clientRetryOptions: { maximumRetries: 1 } }, kafka: {} },
      typo: 1,
    });
    expect(parsed).toMatchObject({
      ignoredKeys: ['extensions.serviceBus.clientRetryOptions.maximumRetries', 'extensions.kafka', 'typo'],
    });
  });

  it('is refused with every problem named by path', () => {
    const parsed = parse({
      version: '2.0',
      functionTimeout: 'soon',
      extensions: { eventHubs: { maxEventBatchSize: 0 } },
    });
    expect(parsed.kind === 'invalid' && parsed.problems.join('\n')).toMatch(/functionTimeout[^]*maxEventBatchSize/);
    expect(parseHostJson('{', {})).toMatchObject({ kind: 'invalid' });
  });

  it('may switch the time limit off', () => {
    expect(parse({ version: '2.0', functionTimeout: '-1' })).toMatchObject({ settings: { functionTimeout: Infinity } });
  });
});

describe('Time spans', () => {
  it.each([
    ['00:00:00.80', 800],
    ['00:05:00', 300_000],
    ['1.02:00:00', 93_600_000],
    ['00:30', 1_800_000],
  ])('%s is %d ms', (text, ms) => expect(toMs(text)).toBe(ms));

  it.each(['soon', '00:61:00', '5', ''])('%j is none', (text) => expect(toMs(text)).toBeUndefined());
});

describe('App settings', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'settings-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('come from local.settings.json where the environment leaves them open', async () => {
    const values = { IsEncrypted: false, Values: { A: 'file', B: 'file' } };
    await writeFile(path.join(folder, 'local.settings.json'), JSON.stringify(values));
    expect(await readAppSettings(folder, { A: 'environment' })).toEqual({ A: 'environment', B: 'file' });
  });

  it('need no file, but a broken one is an error that names it', async () => {
    expect(await readAppSettings(folder, {})).toEqual({});
    await writeFile(path.join(folder, 'local.settings.json'), 'nonsense');
    await expect(readAppSettings(folder, {})).rejects.toThrow(/local\.settings\.json/);
  });

  it('replace %NAME% and a missing one says which setting to add', () => {
    expect(resolveSettings('a-%X%-%Y%', { X: '1', Y: '2' })).toBe('a-1-2');
    expect(() => resolveSettings('%GONE%', {})).toThrow(/add the app setting "GONE"/);
  });

  it('switch functions off', () => {
    expect(isDisabled('f', { 'AzureWebJobs.f.Disabled': 'true' })).toBe(true);
    expect(isDisabled('f', { 'AzureWebJobs.g.Disabled': 'true' })).toBe(false);
  });
});

describe('Connections', () => {
  it('prefer the setting of exactly that name over the identity group', () => {
    const settings = { HUB: 'Endpoint=sb://x', HUB__fullyQualifiedNamespace: 'ns.servicebus.windows.net' };
    expect(resolveMessaging('HUB', settings)).toEqual({ kind: 'string', connectionString: 'Endpoint=sb://x' });
  });

  it('take the namespace and the client id of an identity', () => {
    const settings = { HUB__fullyQualifiedNamespace: 'ns', HUB__clientId: 'id' };
    expect(resolveMessaging('HUB', settings)).toEqual({ kind: 'identity', address: 'ns', clientId: 'id' });
    expect(() => resolveMessaging('OTHER', settings)).toThrow(/add the app setting "OTHER"/);
  });

  it('know the development storage and both forms of storage with identity', () => {
    expect(resolveHostStorage({ AzureWebJobsStorage: 'UseDevelopmentStorage=true' })).toMatchObject({
      connectionString: expect.stringContaining('127.0.0.1:10000') as string,
    });
    expect(resolveHostStorage({ AzureWebJobsStorage__accountName: 'acct' })).toMatchObject({
      address: 'https://acct.blob.core.windows.net',
    });
    expect(() => resolveHostStorage({})).toThrow(/AzureWebJobsStorage/);
  });
});
