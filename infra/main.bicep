targetScope = 'subscription'

metadata description = 'Outport for one stage: messaging, storage, functions, roles, alerts. Stages never share a deployment.'

@minLength(1)
@maxLength(40)
@description('Name of the azd environment; resource names are made from it. One environment per stage.')
param environmentName string

@minLength(1)
@description('Region of every resource.')
param location string

@minLength(1)
@maxLength(16)
@description('The one stage this deployment serves. Events of other stages are quarantined here.')
param stage string

@description('Object id of who applies the registry and operates Outport; empty grants nobody.')
param principalId string = ''

@allowed(['User', 'Group', 'ServicePrincipal'])
@description('Kind of that principal.')
param principalType string = 'User'

@description('Let the operator also publish events, to try the deployment out. Producers have rights of their own.')
param operatorMayPublish bool = stage != 'prod'

@description('Whether admins may change the registry over HTTP. The functions then may write it and manage the topic; otherwise only operators may, with the command line.')
param registryOverHttp bool = false

@description('Object ids of the producers\' identities, separated by commas; each may publish to the hub.')
param producerPrincipalIds string = ''

@description('Who is told when an alert fires; empty creates the alerts without a receiver.')
param alertEmail string = ''

@description('Reach messaging and storage through private endpoints only. Needs Service Bus Premium.')
param privateNetworking bool = false

@description('Spread over availability zones: the plan, the storage account, and Service Bus when it is Premium.')
param zoneRedundant bool = false

@allowed(['Standard', 'Premium'])
@description('Tier of the Service Bus namespace. Moving from Standard to Premium later is a migration.')
param serviceBusSku string = 'Standard'

@minValue(1)
@maxValue(40)
@description('Event Hubs throughput units to begin with; one takes 1 MB or 1,000 events a second.')
param throughputUnits int = 1

@minValue(1)
@maxValue(40)
@description('Throughput units Event Hubs may grow to by itself. It does not shrink again.')
param maximumThroughputUnits int = 4

@minValue(1)
@maxValue(32)
@description('Partitions of the hub; fixed once created. Ingest scales out to at most this many instances.')
param hubPartitionCount int = 4

@allowed([512, 2048, 4096])
@description('Memory of one function instance in MB.')
param instanceMemoryMB int = 2048

@minValue(40)
@maxValue(1000)
@description('Instances the app may grow to.')
param maximumInstanceCount int = 100

@minValue(0)
@maxValue(20)
@description('Instances of each queue and hub function that stay warm; 0 scales to none.')
param alwaysReadyInstances int = 0

@minValue(30)
@maxValue(730)
@description('Days that logs are kept.')
param logRetentionDays int = 30

@description('Gigabytes of logs a day after which collection stops until the next day.')
param logDailyQuotaGb int = 5

@description('Tags for every resource, besides azd-env-name and stage.')
param tags object = {}

var token = toLower(uniqueString(subscription().id, environmentName, location))
var allTags = union(tags, { 'azd-env-name': environmentName, stage: stage })
// Private endpoints exist for the Premium tier only.
var effectiveServiceBusSku = privateNetworking ? 'Premium' : serviceBusSku
var names = {
  hub: 'readiness-events'
  consumerGroup: 'outport'
  queues: {
    normalize: 'normalize'
    evaluate: 'evaluate'
    dispatch: 'dispatch'
  }
  topic: 'triggers'
  tablePrefix: 'outport'
  // Partitions per stage: one takes 2,000 rows a second. Fixed once rows exist.
  buckets: '8'
}

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: allTags
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    location: location
    tags: allTags
    workspaceName: 'log-outport-${token}'
    componentName: 'appi-outport-${token}'
    retentionDays: logRetentionDays
    dailyQuotaGb: logDailyQuotaGb
  }
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    location: location
    tags: allTags
    name: 'id-outport-${token}'
  }
}

module eventHubs 'modules/event-hubs.bicep' = {
  name: 'event-hubs'
  scope: group
  params: {
    location: location
    tags: allTags
    namespaceName: 'evhns-outport-${token}'
    hubName: names.hub
    consumerGroupName: names.consumerGroup
    partitionCount: hubPartitionCount
    throughputUnits: throughputUnits
    maximumThroughputUnits: maximumThroughputUnits
    publicAccess: !privateNetworking
    workspaceId: monitoring.outputs.workspaceId
  }
}

module serviceBus 'modules/service-bus.bicep' = {
  name: 'service-bus'
  scope: group
  params: {
    location: location
    tags: allTags
    namespaceName: 'sbns-outport-${token}'
    queueNames: [names.queues.normalize, names.queues.evaluate, names.queues.dispatch]
    topicName: names.topic
    sku: effectiveServiceBusSku
    zoneRedundant: zoneRedundant
    publicAccess: !privateNetworking
    workspaceId: monitoring.outputs.workspaceId
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    location: location
    tags: allTags
    accountName: 'stoutport${token}'
    tablePrefix: names.tablePrefix
    zoneRedundant: zoneRedundant
    publicAccess: !privateNetworking
    workspaceId: monitoring.outputs.workspaceId
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  name: 'network'
  scope: group
  params: {
    location: location
    tags: allTags
    name: 'vnet-outport-${token}'
    storageAccountId: storage.outputs.accountId
    eventHubsNamespaceId: eventHubs.outputs.namespaceId
    serviceBusNamespaceId: serviceBus.outputs.namespaceId
  }
}

module roles 'modules/roles.bicep' = {
  name: 'roles'
  scope: group
  params: {
    appPrincipalId: identity.outputs.principalId
    operatorPrincipalId: principalId
    operatorPrincipalType: principalType
    operatorMayPublish: operatorMayPublish
    registryOverHttp: registryOverHttp
    producerPrincipalIds: empty(producerPrincipalIds) ? [] : split(producerPrincipalIds, ',')
    storageAccountName: storage.outputs.accountName
    tablePrefix: names.tablePrefix
    eventHubsNamespaceName: eventHubs.outputs.namespaceName
    hubName: names.hub
    serviceBusNamespaceName: serviceBus.outputs.namespaceName
    queueNames: [names.queues.normalize, names.queues.evaluate, names.queues.dispatch]
    topicName: names.topic
    componentName: monitoring.outputs.componentName
  }
}

module functionApp 'modules/function-app.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    location: location
    tags: allTags
    planName: 'plan-outport-${token}'
    appName: 'func-outport-${token}'
    stage: stage
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    blobEndpoint: storage.outputs.blobEndpoint
    tableEndpoint: storage.outputs.tableEndpoint
    packageContainerName: storage.outputs.packageContainerName
    eventHubsHost: eventHubs.outputs.host
    serviceBusHost: serviceBus.outputs.host
    componentConnectionString: monitoring.outputs.connectionString
    hubName: names.hub
    consumerGroupName: names.consumerGroup
    queueNames: names.queues
    topicName: names.topic
    tablePrefix: names.tablePrefix
    buckets: names.buckets
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    zoneRedundant: zoneRedundant
    subnetId: privateNetworking ? network!.outputs.functionsSubnetId : ''
    workspaceId: monitoring.outputs.workspaceId
  }
  // The platform reads the package, and the host its storage, with the identity's roles.
  dependsOn: [roles]
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    location: location
    tags: allTags
    stage: stage
    email: alertEmail
    workspaceId: monitoring.outputs.workspaceId
    eventHubsNamespaceId: eventHubs.outputs.namespaceId
    serviceBusNamespaceId: serviceBus.outputs.namespaceId
    storageAccountId: storage.outputs.accountId
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  scope: group
  params: {
    location: location
    tags: allTags
    stage: stage
    workspaceId: monitoring.outputs.workspaceId
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output OUTPORT_STAGES string = stage
output OUTPORT_BUCKETS string = names.buckets
output OUTPORT_FUNCTION_APP string = functionApp.outputs.name
output OUTPORT_HEALTH_URL string = functionApp.outputs.healthUrl
output EVENTHUB__fullyQualifiedNamespace string = eventHubs.outputs.host
output SERVICEBUS__fullyQualifiedNamespace string = serviceBus.outputs.host
output OUTPORT_TABLES__tableServiceUri string = storage.outputs.tableEndpoint
