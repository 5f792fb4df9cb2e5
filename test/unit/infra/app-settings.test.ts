import type { EventHubTriggerOptions, ServiceBusQueueFunctionOptions } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { registerDispatch } from '../../../functions/dispatch.js';
import { registerEvaluate } from '../../../functions/evaluate.js';
import { registerIngest } from '../../../functions/ingest.js';
import { registerNormalize } from '../../../functions/normalize.js';
import { resolveHostStorage, resolveMessaging } from '../../../local/host/settings/connections.js';
import { openTables } from '../../../shared/adapters/table/tables.js';
import { connectionNames, parseSettings, SettingsSchema } from '../../../shared/config/settings.js';
import { toText } from '../../support/bicep/evaluate.js';
import { appSettings, deployment, ofType } from '../../support/infra.js';

const { resources, outputs } = deployment();
const settings = appSettings(resources);
const env = Object.fromEntries([...settings].map(([name, value]) => [name, toText(value)]));

/** What the platform and its host read. */
const platformKeys = [
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__clientId',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
];
/** For stand-ins only: on Azure the namespace's own host manages it. */
const localKeys = ['SERVICEBUS_ADMIN_URL'];
/** Flex Consumption refuses these or takes them from elsewhere. */
const forbiddenKeys = [
  'FUNCTIONS_WORKER_RUNTIME',
  'FUNCTIONS_EXTENSION_VERSION',
  'WEBSITE_RUN_FROM_PACKAGE',
  'WEBSITE_CONTENTAZUREFILECONNECTIONSTRING',
  'WEBSITE_CONTENTSHARE',
  'WEBSITE_NODE_DEFAULT_VERSION',
  'SCM_DO_BUILD_DURING_DEPLOYMENT',
  'ENABLE_ORYX_BUILD',
  'WEBSITE_TIME_ZONE',
];

describe('the deployed app settings', () => {
  it('are the keys of the settings schema, the identity connections, and what the platform needs', () => {
    const { eventHub, serviceBus, tables } = connectionNames;
    const endpoints = [`${eventHub}__fullyQualifiedNamespace`, `${serviceBus}__fullyQualifiedNamespace`];
    const identities = Object.values(connectionNames).flatMap((name) => [`${name}__credential`, `${name}__clientId`]);
    const own = Object.keys(SettingsSchema.shape).filter((key) => !localKeys.includes(key));
    const known = [...own, ...endpoints, `${tables}__tableServiceUri`, ...identities, ...platformKeys];

    expect([...settings.keys()].sort()).toEqual(known.sort());
  });

  it('hold no connection string and nothing the plan forbids', () => {
    for (const name of [...Object.values(connectionNames), 'AzureWebJobsStorage', ...forbiddenKeys]) {
      expect(settings.has(name), name).toBe(false);
    }
  });

  it('parse, and are the defaults except for the stage, its partitions and the connections', () => {
    const { eventHub, serviceBus, tables, ...own } = parseSettings(env);
    const {
      eventHub: _hub,
      serviceBus: _bus,
      tables: _tables,
      ...defaults
    } = parseSettings({
      EVENTHUB: 'x',
      SERVICEBUS: 'x',
      OUTPORT_TABLES: 'x',
    });

    expect(own).toEqual({ ...defaults, stages: ['prod'], buckets: 8 });
    for (const connection of [eventHub, serviceBus, tables]) {
      expect(connection).toMatchObject({ kind: 'identity', managed: true, clientId: '<identity.properties.clientId>' });
    }
  });

  it('tell the command line, by the outputs, what it has to agree with', () => {
    expect(outputs).toMatchObject({ OUTPORT_BUCKETS: env['OUTPORT_BUCKETS'], OUTPORT_STAGES: env['OUTPORT_STAGES'] });
  });

  it('prefix the tables that are deployed, which are the ones the adapters open', () => {
    const deployed = ofType(resources, 'Microsoft.Storage/storageAccounts/tableServices/tables');
    const opened = openTables(
      { kind: 'connection-string', value: 'UseDevelopmentStorage=true' },
      parseSettings(env).tablePrefix,
    );

    expect(deployed.map(({ name }) => name.split('/').at(-1)).sort()).toEqual(
      Object.values(opened)
        .map(({ tableName }) => tableName)
        .sort(),
    );
  });

  it('resolve every connection that a function binds to, by identity', () => {
    const bound: string[] = [];
    const app = {
      eventHub: (_name: string, options: EventHubTriggerOptions) => bound.push(options.connection),
      serviceBusQueue: (_name: string, options: ServiceBusQueueFunctionOptions) => bound.push(options.connection),
    };
    const compose = (): never => {
      throw new Error('registration needs no settings');
    };
    registerIngest(app, compose);
    for (const register of [registerNormalize, registerEvaluate, registerDispatch]) register(app, compose);

    expect(new Set(bound)).toEqual(new Set([connectionNames.eventHub, connectionNames.serviceBus]));
    for (const name of bound) expect(resolveMessaging(name, env)).toMatchObject({ kind: 'identity' });
    expect(resolveHostStorage(env)).toMatchObject({ kind: 'identity' });
  });

  it('run the functions on Node 22 with the package from the container that is deployed', () => {
    const [app] = ofType(resources, 'Microsoft.Web/sites');
    const containers = ofType(resources, 'Microsoft.Storage/storageAccounts/blobServices/containers');

    expect(app?.properties['functionAppConfig']).toMatchObject({
      runtime: { name: 'node', version: '22' },
      deployment: { storage: { authentication: { type: 'UserAssignedIdentity' } } },
      scaleAndConcurrency: { instanceMemoryMB: 2048, alwaysReady: [] },
    });
    expect(containers.map(({ name }) => name.split('/').at(-1))).toContain('app-package');
    expect(JSON.stringify(app?.properties['functionAppConfig'])).toContain('app-package');
  });

  it('keep an instance of every queue and hub function warm when asked to', () => {
    const warm = ofType(deployment({ alwaysReadyInstances: 1, zoneRedundant: true }).resources, 'Microsoft.Web/sites');

    expect(warm[0]?.properties['functionAppConfig']).toMatchObject({
      scaleAndConcurrency: {
        alwaysReady: ['ingest', 'normalize', 'evaluate', 'dispatch'].map((name) => ({
          name: `function:${name}`,
          instanceCount: 2,
        })),
      },
    });
  });
});
