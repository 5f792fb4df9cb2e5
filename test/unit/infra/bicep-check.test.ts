import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkBicep } from '../../support/bicep/check-bicep.js';

interface Mistake {
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly problem: RegExp;
}

const main = 'main.bicep';
const app = 'modules/function-app.bicep';
const bus = 'modules/service-bus.bicep';
const roles = 'modules/roles.bicep';

const childNamedLate = `var late = namespace.properties.metricId
resource other 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: namespace
  name: late
}
`;

const mistakes: readonly Mistake[] = [
  {
    what: 'a module that does not exist',
    file: main,
    from: 'modules/identity.bicep',
    to: 'modules/ident.bicep',
    problem: /module file "modules\/ident\.bicep" does not exist/,
  },
  {
    what: 'a parameter left out',
    file: main,
    from: '    queueNames: names.queues\n',
    to: '',
    problem: /"functionApp" is not given "queueNames"/,
  },
  {
    what: 'a parameter the module does not have',
    file: main,
    from: '    topicName: names.topic\n    sku:',
    to: '    topic: names.topic\n    sku:',
    problem: /has no parameter "topic"/,
  },
  {
    what: 'a parameter of another type',
    file: main,
    from: 'stage: stage\n    email: alertEmail',
    to: 'stage: stage\n    pendingAgeMs: true\n    email: alertEmail',
    problem: /"pendingAgeMs" of module "alerts" is a int, not a bool/,
  },
  {
    what: 'an output the module does not have',
    file: main,
    from: 'identity.outputs.clientId',
    to: 'identity.outputs.clientID',
    problem: /module "identity" has no output "clientID"/,
  },
  {
    what: 'an output of a module that may not be deployed',
    file: main,
    from: 'network!.outputs',
    to: 'network.outputs',
    problem: /"network" may not be deployed/,
  },
  {
    what: 'a module without its group',
    file: main,
    from: "'modules/workbook.bicep' = {\n  name: 'workbook'\n  scope: group\n",
    to: "'modules/workbook.bicep' = {\n  name: 'workbook'\n",
    problem: /"workbook" lacks the group/,
  },
  {
    what: 'a name that is not declared',
    file: app,
    from: 'value: hubName }',
    to: 'value: hub }',
    problem: /"hub" is not declared/,
  },
  {
    what: 'a parameter nobody uses',
    file: app,
    from: 'param stage string\n',
    to: "param stage string\nparam spare string = ''\n",
    problem: /"spare" is not used/,
  },
  {
    what: 'a name declared twice',
    file: app,
    from: 'param stage string\n',
    to: 'param stage string\nvar stage = 1\n',
    problem: /"stage" is declared twice/,
  },
  {
    what: 'a member set twice',
    file: bus,
    from: '      maxDeliveryCount: 50\n',
    to: '      maxDeliveryCount: 50\n      maxDeliveryCount: 3\n',
    problem: /"maxDeliveryCount" is set twice/,
  },
  {
    what: 'a misspelt property',
    file: bus,
    from: 'lockDuration:',
    to: 'lockDurations:',
    problem: /queues has no "lockDurations"/,
  },
  {
    what: 'a misspelt property further down',
    file: app,
    from: 'instanceMemoryMB: instanceMemoryMB',
    to: 'instanceMemoryMb: instanceMemoryMB',
    problem: /sites has no "instanceMemoryMb"/,
  },
  {
    what: 'a property that must be there',
    file: roles,
    from: "    principalType: 'ServicePrincipal'\n",
    to: '',
    problem: /"appHostStorage" lacks "principalType"/,
  },
  {
    what: 'a resource type nobody knows',
    file: bus,
    from: 'namespaces/queues@',
    to: 'namespaces/queue@',
    problem: /"Microsoft\.ServiceBus\/namespaces\/queue" is not in the table/,
  },
  {
    what: 'another API version',
    file: bus,
    from: 'namespaces/topics@2024-01-01',
    to: 'namespaces/topics@2021-11-01',
    problem: /is known in version 2024-01-01/,
  },
  {
    what: 'a child without its parent',
    file: bus,
    from: '    parent: namespace\n    name: queueName',
    to: '    name: queueName',
    problem: /"queues" lacks its parent/,
  },
  {
    what: 'a parent of another type',
    file: roles,
    from: 'parent: eventHubs\n',
    to: 'parent: serviceBus\n',
    problem: /the parent of "hub" is a Microsoft\.ServiceBus\/namespaces/,
  },
  {
    what: 'a role without a scope',
    file: roles,
    from: '  scope: hub\n',
    to: '',
    problem: /lacks the scope it belongs to/,
  },
  {
    what: 'a loop used as if it were one',
    file: roles,
    from: 'scope: queues[index]',
    to: 'scope: queues.id',
    problem: /"queues" is a loop; say which one/,
  },
  {
    what: 'one used as if it were a loop',
    file: roles,
    from: '  scope: topic\n',
    to: '  scope: topic[0]\n',
    problem: /"topic" is no loop/,
  },
  {
    what: 'a function nobody knows',
    file: main,
    from: 'toLower(uniqueString',
    to: 'lower(uniqueString',
    problem: /"lower" is no function/,
  },
  {
    what: 'too few arguments',
    file: 'modules/event-hubs.bicep',
    from: "replace(namespace.properties.serviceBusEndpoint, 'https://', '')",
    to: "replace(namespace.properties.serviceBusEndpoint, 'https://')",
    problem: /"replace" takes 3 to 3 arguments, not 2/,
  },
  {
    what: 'a file to load that does not exist',
    file: 'modules/alerts.bicep',
    from: 'queries/sweeps.kql',
    to: 'queries/sweep.kql',
    problem: /"\.\.\/queries\/sweep\.kql" does not exist/,
  },
  {
    what: 'a name known only after the deployment',
    file: 'modules/event-hubs.bicep',
    from: '  name: hubName\n',
    to: '  name: namespace.properties.metricId\n',
    problem: /"hub" must be known before/,
  },
  {
    what: 'such a name behind a variable',
    file: 'modules/event-hubs.bicep',
    from: 'var retentionHours = 168\n',
    to: `var retentionHours = 168\n${childNamedLate}`,
    problem: /"other" must be known before/,
  },
  {
    what: 'a circle',
    file: 'modules/network.bicep',
    from: "  name: 'functions'\n",
    to: "  name: 'functions'\n  dependsOn: [endpointsSubnet]\n",
    problem: /depends on itself/,
  },
  {
    what: 'a dependency that exists anyway',
    file: main,
    from: 'dependsOn: [roles]',
    to: 'dependsOn: [roles, storage]',
    problem: /"storage" is depended on anyway/,
  },
  {
    what: 'keys read from a resource',
    file: 'modules/storage.bicep',
    from: 'output accountId string = account.id',
    to: 'output accountId string = account.listKeys().keys[0].value',
    problem: /keys and secrets have no place here/,
  },
  {
    what: 'a default that is not allowed',
    file: main,
    from: "param serviceBusSku string = 'Standard'",
    to: "param serviceBusSku string = 'Basic'",
    problem: /the default of "serviceBusSku" is not allowed/,
  },
  {
    what: 'a default out of bounds',
    file: main,
    from: 'param maximumInstanceCount int = 100',
    to: 'param maximumInstanceCount int = 2000',
    problem: /the default of "maximumInstanceCount" is out of its bounds/,
  },
  { what: 'a brace too few', file: app, from: 'runtime: {\n', to: 'runtime:\n', problem: /expected/ },
  {
    what: 'a text without an end',
    file: app,
    from: "name: 'node'",
    to: "name: 'node",
    problem: /a text without an end/,
  },
  {
    what: 'two members on one line',
    file: app,
    from: "name: 'node'\n",
    to: "name: 'node' ",
    problem: /expected "," or a new line/,
  },
  {
    what: 'a rule switched off',
    file: main,
    from: 'targetScope',
    to: '#disable-next-line no-unused-params\ntargetScope',
    problem: /a disabled rule/,
  },
  {
    what: 'a resource at subscription scope',
    file: main,
    from: "resource group 'Microsoft.Resources/resourceGroups@2024-03-01'",
    to: "resource group 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31'",
    problem: /belongs in a resource group/,
  },
];

describe('the structural check of Bicep', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bicep-'));
    cpSync('infra/main.bicep', join(folder, main));
    for (const part of ['modules', 'queries']) cpSync(join('infra', part), join(folder, part), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('finds nothing in what is deployed', () => {
    expect(checkBicep('infra/main.bicep')).toEqual([]);
    expect(checkBicep(join(folder, main))).toEqual([]);
  });

  it.each(mistakes)('finds $what', ({ file, from, to, problem }) => {
    const path = join(folder, file);
    const source = readFileSync(path, 'utf8');
    expect(source).toContain(from);
    writeFileSync(path, source.replace(from, to));

    expect(checkBicep(join(folder, main)).join('\n')).toMatch(problem);
  });
});
