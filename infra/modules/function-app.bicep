metadata description = 'The functions on Flex Consumption, Node 22, with identity-based connections only.'

param location string
param tags object
param planName string
param appName string
param stage string
param identityId string
param identityClientId string
param blobEndpoint string
param tableEndpoint string
param packageContainerName string
param eventHubsHost string
param serviceBusHost string
param componentConnectionString string
param hubName string
param consumerGroupName string
param queueNames object
param topicName string
param tablePrefix string
param buckets string
param instanceMemoryMB int
param maximumInstanceCount int
param alwaysReadyInstances int
param zoneRedundant bool
param subnetId string
param workspaceId string

// Each of these scales on instances of its own; a plan over zones wants at least two that stay.
var warmFunctions = ['ingest', 'normalize', 'evaluate', 'dispatch']
var warmInstances = zoneRedundant && alwaysReadyInstances > 0 ? max(2, alwaysReadyInstances) : alwaysReadyInstances
var alwaysReady = [
  for functionName in warmFunctions: {
    name: 'function:${functionName}'
    instanceCount: warmInstances
  }
]

var hostSettings = [
  { name: 'AzureWebJobsStorage__blobServiceUri', value: blobEndpoint }
  { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
  { name: 'AzureWebJobsStorage__clientId', value: identityClientId }
  { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: componentConnectionString }
  { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'ClientId=${identityClientId};Authorization=AAD' }
]

// A user-assigned identity needs all three of each connection.
var connectionSettings = [
  { name: 'EVENTHUB__fullyQualifiedNamespace', value: eventHubsHost }
  { name: 'EVENTHUB__credential', value: 'managedidentity' }
  { name: 'EVENTHUB__clientId', value: identityClientId }
  { name: 'SERVICEBUS__fullyQualifiedNamespace', value: serviceBusHost }
  { name: 'SERVICEBUS__credential', value: 'managedidentity' }
  { name: 'SERVICEBUS__clientId', value: identityClientId }
  { name: 'OUTPORT_TABLES__tableServiceUri', value: tableEndpoint }
  { name: 'OUTPORT_TABLES__credential', value: 'managedidentity' }
  { name: 'OUTPORT_TABLES__clientId', value: identityClientId }
]

var outportSettings = [
  { name: 'OUTPORT_HUB', value: hubName }
  { name: 'OUTPORT_CONSUMER_GROUP', value: consumerGroupName }
  { name: 'OUTPORT_QUEUE_NORMALIZE', value: queueNames.normalize }
  { name: 'OUTPORT_QUEUE_EVALUATE', value: queueNames.evaluate }
  { name: 'OUTPORT_QUEUE_DISPATCH', value: queueNames.dispatch }
  { name: 'OUTPORT_TOPIC_TRIGGERS', value: topicName }
  { name: 'OUTPORT_STAGES', value: stage }
  { name: 'OUTPORT_TABLE_PREFIX', value: tablePrefix }
  { name: 'OUTPORT_BUCKETS', value: buckets }
  { name: 'OUTPORT_REGISTRY_REFRESH_MS', value: '2000' }
  { name: 'OUTPORT_SWEEP_SCHEDULE', value: '*/30 * * * * *' }
  { name: 'OUTPORT_SWEEP_AFTER_MS', value: '60000' }
  { name: 'OUTPORT_DISPATCH_LEASE_MS', value: '60000' }
  { name: 'OUTPORT_HAND_ON', value: 'direct' }
  { name: 'OUTPORT_API_REQUESTS_PER_MINUTE', value: '600' }
]

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: appName
  location: location
  // azd finds the app by this tag: the service's name in azure.yaml.
  tags: union(tags, { 'azd-service-name': 'functions' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      runtime: {
        name: 'node'
        version: '22'
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobEndpoint}${packageContainerName}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: warmInstances > 0 ? alwaysReady : []
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
      appSettings: concat(hostSettings, connectionSettings, outportSettings)
    }
  }
}

// Deployment takes an Entra token, never a user and password.
resource basicAuth 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = [
  for policy in ['ftp', 'scm']: {
    parent: app
    name: policy
    properties: {
      allow: false
    }
  }
]

// Metrics only: what the functions log reaches the workspace through Application Insights.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: app
  properties: {
    workspaceId: workspaceId
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output name string = app.name
output healthUrl string = 'https://${app.properties.defaultHostName}/api/health'
