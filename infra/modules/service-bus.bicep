metadata description = 'The queues between the functions and the topic consumers subscribe to. Consumers\' subscriptions come with the registry, not from here.'

param location string
param tags object
param namespaceName string
param queueNames string[]
param topicName string
@allowed(['Standard', 'Premium'])
param sku string
param zoneRedundant bool
param publicAccess bool
param workspaceId string

var premium = sku == 'Premium'

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: namespaceName
  location: location
  tags: tags
  sku: union({ name: sku, tier: sku }, premium ? { capacity: 1 } : {})
  properties: union(
    {
      disableLocalAuth: true
      minimumTlsVersion: '1.2'
      publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    },
    premium ? { premiumMessagingPartitions: 1, zoneRedundant: zoneRedundant } : {}
  )
}

resource queues 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [
  for queueName in queueNames: {
    parent: namespace
    name: queueName
    properties: {
      // A batch is not renewed: the lock must outlast the slowest handling of a whole batch.
      lockDuration: 'PT2M'
      // Grows when a host dies, for a whole batch at once; what fails is counted by the functions.
      maxDeliveryCount: 50
      deadLetteringOnMessageExpiration: true
      // Every stage tells repeated messages apart by itself, with a memory that does not end.
      requiresDuplicateDetection: false
      requiresSession: false
      enableBatchedOperations: true
      maxSizeInMegabytes: 5120
    }
  }
]

resource topic 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' = {
  parent: namespace
  name: topicName
  properties: {
    // The second net: drops the repeated send after a death between sending and marking sent.
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: 'PT10M'
    enableBatchedOperations: true
    supportOrdering: false
    maxSizeInMegabytes: 5120
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: namespace
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output namespaceId string = namespace.id
output namespaceName string = namespace.name
// From the endpoint, so that it is right in every cloud: https://<host>:443/
output host string = split(replace(namespace.properties.serviceBusEndpoint, 'https://', ''), ':')[0]
