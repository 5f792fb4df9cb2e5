metadata description = 'Every role assignment of a deployment, each with its reason.'

@description('The functions\' identity.')
param appPrincipalId string

@description('Who applies the registry and operates; empty for nobody.')
param operatorPrincipalId string
param operatorPrincipalType string
param operatorMayPublish bool

@description('Whether the functions may change the registry for admins that ask over HTTP.')
param registryOverHttp bool

@description('Identities that publish readiness events.')
param producerPrincipalIds string[]

param storageAccountName string
param tablePrefix string
param eventHubsNamespaceName string
param hubName string
param serviceBusNamespaceName string
param queueNames string[]
param topicName string
param componentName string

// Built-in roles, by the ids that are the same in every tenant.
var roles = {
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  storageTableDataReader: '76199698-9eea-4c19-bc75-cec21354c6b6'
  eventHubsDataReceiver: 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde'
  eventHubsDataSender: '2b629674-e913-4c01-ae53-ef4638d8f975'
  serviceBusDataOwner: '090c5cfd-751d-490a-894a-3ce6f1109419'
  serviceBusDataReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
  serviceBusDataSender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
}
var writtenTables = ['signals', 'ledger', 'quarantine', 'audit', 'operations']
var operated = !empty(operatorPrincipalId)

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2023-05-01' existing = {
  parent: account
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices/tables@2023-05-01' existing = [
  for tableName in writtenTables: {
    parent: tableService
    name: '${tablePrefix}${tableName}'
  }
]

resource registryTable 'Microsoft.Storage/storageAccounts/tableServices/tables@2023-05-01' existing = {
  parent: tableService
  name: '${tablePrefix}registry'
}

resource eventHubs 'Microsoft.EventHub/namespaces@2024-01-01' existing = {
  name: eventHubsNamespaceName
}

resource hub 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' existing = {
  parent: eventHubs
  name: hubName
}

resource serviceBus 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: serviceBusNamespaceName
}

resource queues 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' existing = [
  for queueName in queueNames: {
    parent: serviceBus
    name: queueName
  }
]

resource topic 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' existing = {
  parent: serviceBus
  name: topicName
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

// Reason: the host keeps checkpoints, partition ownership, timer state and keys in blobs, and reads the package.
resource appHostStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, appPrincipalId, roles.storageBlobDataOwner)
  scope: account
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataOwner)
  }
}

// Reason: the functions write signals, verdicts, triggers, receipts, quarantined records, pauses, replays and who did what.
resource appTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (tableName, index) in writtenTables: {
    name: guid(tables[index].id, appPrincipalId, roles.storageTableDataContributor)
    scope: tables[index]
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageTableDataContributor)
    }
  }
]

// Reason: the functions read the registry; who may run on what is changed by operators, unless HTTP is opened for it.
resource appRegistry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registryTable.id, appPrincipalId, roles.storageTableDataReader)
  scope: registryTable
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageTableDataReader)
  }
}

// Reason: PUT /api/registry writes the registry's table, where that is allowed at all.
resource appRegistryWriter 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (registryOverHttp) {
  name: guid(registryTable.id, appPrincipalId, roles.storageTableDataContributor)
  scope: registryTable
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageTableDataContributor)
  }
}

// Reason: with the registry, consumers' subscriptions of the topic come and go, which takes Manage.
resource appTopicManager 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (registryOverHttp) {
  name: guid(topic.id, appPrincipalId, roles.serviceBusDataOwner)
  scope: topic
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataOwner)
  }
}

// Reason: ingest reads the hub.
resource appHub 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hub.id, appPrincipalId, roles.eventHubsDataReceiver)
  scope: hub
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.eventHubsDataReceiver)
  }
}

// Reason: POST /api/events publishes for producers that cannot speak AMQP, and resubmitting publishes mended events.
resource appHubSender 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hub.id, appPrincipalId, roles.eventHubsDataSender)
  scope: hub
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.eventHubsDataSender)
  }
}

// Reason: the functions send to and receive from their queues, and scaling reads a queue's length, which takes Manage.
resource appQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (queueName, index) in queueNames: {
    name: guid(queues[index].id, appPrincipalId, roles.serviceBusDataOwner)
    scope: queues[index]
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataOwner)
    }
  }
]

// Reason: dispatch sends triggers; creating and removing consumers' subscriptions is left to operators.
resource appTopic 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(topic.id, appPrincipalId, roles.serviceBusDataSender)
  scope: topic
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataSender)
  }
}

// Reason: operators re-drive consumers' dead-lettered triggers over HTTP, which takes them from their subscriptions.
resource appTopicReceiver 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(topic.id, appPrincipalId, roles.serviceBusDataReceiver)
  scope: topic
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataReceiver)
  }
}

// Reason: the host publishes telemetry with its identity, since keys are off.
resource appTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(component.id, appPrincipalId, roles.monitoringMetricsPublisher)
  scope: component
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.monitoringMetricsPublisher)
  }
}

// Reason: applying the registry writes its table; explaining reads signals, verdicts and quarantine; replaying writes.
resource operatorTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (operated) {
  name: guid(account.id, operatorPrincipalId, roles.storageTableDataContributor)
  scope: account
  properties: {
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageTableDataContributor)
  }
}

// Reason: applying the registry creates and removes consumers' subscriptions of the topic, which takes Manage.
resource operatorTopic 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (operated) {
  name: guid(topic.id, operatorPrincipalId, roles.serviceBusDataOwner)
  scope: topic
  properties: {
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataOwner)
  }
}

// Reason: replay and re-drive of dead letters put messages on the functions' queues and take them from there.
resource operatorQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (queueName, index) in queueNames: if (operated) {
    name: guid(queues[index].id, operatorPrincipalId, roles.serviceBusDataOwner)
    scope: queues[index]
    properties: {
      principalId: operatorPrincipalId
      principalType: operatorPrincipalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.serviceBusDataOwner)
    }
  }
]

// Reason: trying a deployment out takes publishing an event; off in prod, where only producers publish.
resource operatorHub 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (operated && operatorMayPublish) {
  name: guid(hub.id, operatorPrincipalId, roles.eventHubsDataSender)
  scope: hub
  properties: {
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.eventHubsDataSender)
  }
}

// Reason: a producer publishes to the hub and can read nothing.
resource producerHub 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for producerPrincipalId in producerPrincipalIds: {
    name: guid(hub.id, producerPrincipalId, roles.eventHubsDataSender)
    scope: hub
    properties: {
      principalId: producerPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.eventHubsDataSender)
    }
  }
]
