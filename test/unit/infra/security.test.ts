import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseBicepFile } from '../../support/bicep/parse-file.js';
import { toText } from '../../support/bicep/evaluate.js';
import { deployment, ofType } from '../../support/infra.js';

const roleAssignment = 'Microsoft.Authorization/roleAssignments';

/** Built-in roles by id, as Azure documents them. */
const builtInRoles: Readonly<Record<string, string>> = {
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
  '76199698-9eea-4c19-bc75-cec21354c6b6': 'Storage Table Data Reader',
  'a638d3c7-ab3a-418d-83e6-5f17a39d4fde': 'Azure Event Hubs Data Receiver',
  '2b629674-e913-4c01-ae53-ef4638d8f975': 'Azure Event Hubs Data Sender',
  '090c5cfd-751d-490a-894a-3ce6f1109419': 'Azure Service Bus Data Owner',
  '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0': 'Azure Service Bus Data Receiver',
  '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39': 'Azure Service Bus Data Sender',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
};

const app = '<identity.properties.principalId>';

/** `principal: role @ scope` of every assignment, the scope without the names that differ by deployment. */
function grants(params: Parameters<typeof deployment>[0]): string[] {
  return ofType(deployment(params).resources, roleAssignment)
    .map(({ body, properties }) => {
      const role =
        toText(properties['roleDefinitionId'] ?? '')
          .split('/')
          .at(-1) ?? '';
      const principal = properties['principalId'];
      const who = typeof principal === 'string' ? principal : 'app';
      // The check above has made sure that a role's scope is a resource.
      const scope = (body['scope'] as { id: string }).id.split('/').slice(1);
      return `${who}: ${builtInRoles[role] ?? role} @ ${scope
        .slice(-2)
        .join('/')
        .replace(/[^/]*outport-?[0-9a-f]{13}/, '*')}`;
    })
    .sort();
}

describe('what is deployed', () => {
  const { resources } = deployment();

  it('takes no key and no old TLS anywhere', () => {
    for (const type of ['Microsoft.EventHub/namespaces', 'Microsoft.ServiceBus/namespaces']) {
      const [namespace] = ofType(resources, type);
      expect(namespace?.properties, type).toMatchObject({ disableLocalAuth: true, minimumTlsVersion: '1.2' });
    }
    expect(ofType(resources, 'Microsoft.Storage/storageAccounts')[0]?.properties).toMatchObject({
      allowSharedKeyAccess: false,
      allowBlobPublicAccess: false,
      minimumTlsVersion: 'TLS1_2',
      supportsHttpsTrafficOnly: true,
    });
    expect(ofType(resources, 'Microsoft.Insights/components')[0]?.properties).toMatchObject({ DisableLocalAuth: true });
    expect(ofType(resources, 'Microsoft.OperationalInsights/workspaces')[0]?.properties).toMatchObject({
      features: { disableLocalAuth: true },
    });
    expect(ofType(resources, 'Microsoft.Web/sites')[0]?.properties).toMatchObject({
      httpsOnly: true,
      siteConfig: { minTlsVersion: '1.2', ftpsState: 'Disabled' },
    });
    const policies = ofType(resources, 'Microsoft.Web/sites/basicPublishingCredentialsPolicies');
    expect(policies.map(({ properties }) => properties['allow'])).toEqual([false, false]);
  });

  it('closes messaging and storage to the public network when asked to, and gives each an endpoint inside', () => {
    const closed = deployment({ privateNetworking: true }).resources;
    const types = [
      'Microsoft.EventHub/namespaces',
      'Microsoft.ServiceBus/namespaces',
      'Microsoft.Storage/storageAccounts',
    ];

    for (const type of types) {
      expect(ofType(closed, type)[0]?.properties, type).toMatchObject({ publicNetworkAccess: 'Disabled' });
      expect(ofType(resources, type)[0]?.properties, type).toMatchObject({ publicNetworkAccess: 'Enabled' });
    }
    expect(ofType(closed, 'Microsoft.ServiceBus/namespaces')[0]?.body['sku']).toMatchObject({ name: 'Premium' });
    expect(ofType(closed, 'Microsoft.Network/privateEndpoints')).toHaveLength(4);
    expect(ofType(closed, 'Microsoft.Network/privateDnsZones').map(({ name }) => name)).toEqual([
      'privatelink.blob.core.windows.net',
      'privatelink.table.core.windows.net',
      'privatelink.servicebus.windows.net',
    ]);
    expect(ofType(closed, 'Microsoft.Web/sites')[0]?.properties['virtualNetworkSubnetId']).not.toBeNull();
    expect(ofType(resources, 'Microsoft.Network/virtualNetworks')).toEqual([]);
  });

  it('shares no resource with another stage', () => {
    const names = (stage: string, environmentName: string): string[] =>
      deployment({ stage, environmentName }).resources.map(({ id, body }) => JSON.stringify([id, body['scope'] ?? '']));
    const ofProd = new Set(names('prod', 'outport-prod'));
    const shared = names('test', 'outport-test').filter((name) => ofProd.has(name));

    expect(shared).toEqual([]);
  });

  it('tags every resource that takes tags with its environment and stage', () => {
    const taggable = resources.filter(({ body }) => 'tags' in body);

    expect(taggable.length).toBeGreaterThan(15);
    for (const { body, id } of taggable) {
      expect(body['tags'], id).toMatchObject({ 'azd-env-name': 'outport-prod', stage: 'prod' });
    }
  });
});

describe('the role assignments', () => {
  it('stand in one file, each below a comment that gives its reason', () => {
    const files = ['infra/main.bicep', ...readdirSync('infra/modules').map((name) => join('infra/modules', name))];
    const withRoles = files.filter((path) =>
      parseBicepFile(path).declarations.some((each) => each.kind === 'resource' && each.type === roleAssignment),
    );
    expect(withRoles).toEqual(['infra/modules/roles.bicep']);

    const { declarations, comments } = parseBicepFile('infra/modules/roles.bicep');
    for (const each of declarations) {
      if (each.kind !== 'resource' || each.existing) continue;
      const above = comments.find(({ line }) => line === each.line - 1);
      expect(above?.text, `${each.name} has a reason`).toMatch(/^\/\/ Reason: .{20,}\.$/);
    }
  });

  it('use built-in roles by their documented ids, under names that match', () => {
    const roles = parseBicepFile('infra/modules/roles.bicep').declarations.find(({ name }) => name === 'roles');
    const table = roles?.kind === 'var' && roles.value.kind === 'object' ? roles.value.entries : [];
    const named = table.map(({ key, value }) => {
      const id = value.kind === 'literal' ? String(value.value) : '';
      return [key.kind === 'literal' ? String(key.value).toLowerCase() : '', id];
    });

    expect(named).toEqual(
      Object.entries(builtInRoles).map(([id, name]) => [name.replace(/^Azure |\s/g, '').toLowerCase(), id]),
    );
  });

  it('give the functions what they need and nothing else', () => {
    expect(grants({})).toEqual([
      'app: Azure Event Hubs Data Receiver @ */readiness-events',
      'app: Azure Event Hubs Data Sender @ */readiness-events',
      'app: Azure Service Bus Data Owner @ */dispatch',
      'app: Azure Service Bus Data Owner @ */evaluate',
      'app: Azure Service Bus Data Owner @ */normalize',
      'app: Azure Service Bus Data Receiver @ */triggers',
      'app: Azure Service Bus Data Sender @ */triggers',
      'app: Monitoring Metrics Publisher @ components/*',
      'app: Storage Blob Data Owner @ storageAccounts/*',
      'app: Storage Table Data Contributor @ default/outportaudit',
      'app: Storage Table Data Contributor @ default/outportledger',
      'app: Storage Table Data Contributor @ default/outportoperations',
      'app: Storage Table Data Contributor @ default/outportquarantine',
      'app: Storage Table Data Contributor @ default/outportsignals',
      'app: Storage Table Data Reader @ default/outportregistry',
    ]);
    for (const { properties } of ofType(deployment().resources, roleAssignment)) {
      expect(properties['principalId']).toHaveProperty('source', app.slice(1, -1));
    }
  });

  it('let the functions change the registry only where HTTP is opened for it', () => {
    const more = grants({ registryOverHttp: true }).filter((grant) => !grants({}).includes(grant));

    expect(more).toEqual([
      'app: Azure Service Bus Data Owner @ */triggers',
      'app: Storage Table Data Contributor @ default/outportregistry',
    ]);
  });

  it('let an operator apply the registry and re-drive, but publish events only outside prod', () => {
    const own = (params: Parameters<typeof deployment>[0]): string[] =>
      grants({ ...params, principalId: 'me' }).filter((grant) => grant.startsWith('me:'));

    expect(own({ stage: 'prod' })).toEqual([
      'me: Azure Service Bus Data Owner @ */dispatch',
      'me: Azure Service Bus Data Owner @ */evaluate',
      'me: Azure Service Bus Data Owner @ */normalize',
      'me: Azure Service Bus Data Owner @ */triggers',
      'me: Storage Table Data Contributor @ storageAccounts/*',
    ]);
    expect(own({ stage: 'dev' })).toContain('me: Azure Event Hubs Data Sender @ */readiness-events');
  });

  it('let each producer publish and do nothing else', () => {
    const producers = grants({ producerPrincipalIds: 'p1,p2' }).filter((grant) => grant.startsWith('p'));

    expect(producers).toEqual([
      'p1: Azure Event Hubs Data Sender @ */readiness-events',
      'p2: Azure Event Hubs Data Sender @ */readiness-events',
    ]);
  });

  it('have names that no two of them share', () => {
    const assignments = ofType(
      deployment({ principalId: 'me', producerPrincipalIds: 'p1,p2' }).resources,
      roleAssignment,
    );

    expect(new Set(assignments.map(({ name }) => name)).size).toBe(assignments.length);
  });
});
