/** What the check knows of a resource type, taken from Azure's published type definitions of that version. */
export interface ResourceType {
  readonly apiVersion: string;
  /** Members beside `name`, `parent`, `scope`, `dependsOn`; a `!` marks the ones that must be there. */
  readonly members: string;
  /** Members of `properties` that may be set; a `!` marks the ones that must be. */
  readonly properties: string;
  /** Members of objects further down, by their path below `properties`. */
  readonly below?: Readonly<Record<string, string>>;
}

/** Every resource type that `infra/` may deploy or refer to. */
export const resourceTypes: Readonly<Record<string, ResourceType>> = {
  'Microsoft.Resources/resourceGroups': { apiVersion: '2024-03-01', members: 'location! tags', properties: '' },
  'Microsoft.OperationalInsights/workspaces': {
    apiVersion: '2023-09-01',
    members: 'location! tags identity properties',
    properties:
      'sku retentionInDays workspaceCapping features publicNetworkAccessForIngestion publicNetworkAccessForQuery forceCmkForQuery',
  },
  'Microsoft.Insights/components': {
    apiVersion: '2020-02-02',
    members: 'location! tags kind! properties',
    properties:
      'Application_Type! WorkspaceResourceId IngestionMode DisableLocalAuth DisableIpMasking Flow_Type Request_Source RetentionInDays SamplingPercentage publicNetworkAccessForIngestion publicNetworkAccessForQuery ForceCustomerStorageForProfiler',
  },
  'Microsoft.Insights/diagnosticSettings': {
    apiVersion: '2021-05-01-preview',
    members: 'properties',
    properties:
      'workspaceId logs metrics storageAccountId eventHubAuthorizationRuleId eventHubName logAnalyticsDestinationType marketplacePartnerId serviceBusRuleId',
  },
  'Microsoft.Insights/actionGroups': {
    apiVersion: '2023-01-01',
    members: 'location! tags properties',
    properties:
      'enabled! groupShortName! emailReceivers smsReceivers webhookReceivers armRoleReceivers azureAppPushReceivers azureFunctionReceivers logicAppReceivers voiceReceivers eventHubReceivers itsmReceivers automationRunbookReceivers',
  },
  'Microsoft.Insights/scheduledQueryRules': {
    apiVersion: '2023-12-01',
    members: 'location! tags kind identity properties!',
    properties:
      'actions autoMitigate checkWorkspaceAlertsStorageConfigured criteria description displayName enabled evaluationFrequency muteActionsDuration overrideQueryTimeRange ruleResolveConfiguration scopes severity skipQueryValidation targetResourceTypes windowSize',
  },
  'Microsoft.Insights/metricAlerts': {
    apiVersion: '2018-03-01',
    members: 'location! tags properties!',
    properties:
      'criteria! enabled! evaluationFrequency! scopes! severity! windowSize! description actions autoMitigate targetResourceRegion targetResourceType',
  },
  'Microsoft.Insights/workbooks': {
    apiVersion: '2023-06-01',
    members: 'location! tags kind identity properties',
    properties: 'category! displayName! serializedData! description sourceId storageUri tags version',
  },
  'Microsoft.ManagedIdentity/userAssignedIdentities': {
    apiVersion: '2023-01-31',
    members: 'location! tags',
    properties: '',
  },
  'Microsoft.EventHub/namespaces': {
    apiVersion: '2024-01-01',
    members: 'location! tags sku identity properties',
    properties:
      'alternateName clusterArmId disableLocalAuth encryption isAutoInflateEnabled kafkaEnabled maximumThroughputUnits minimumTlsVersion publicNetworkAccess zoneRedundant',
  },
  'Microsoft.EventHub/namespaces/eventhubs': {
    apiVersion: '2024-01-01',
    members: 'properties',
    properties: 'captureDescription messageRetentionInDays partitionCount retentionDescription status userMetadata',
    below: { retentionDescription: 'cleanupPolicy retentionTimeInHours tombstoneRetentionTimeInHours' },
  },
  'Microsoft.EventHub/namespaces/eventhubs/consumergroups': {
    apiVersion: '2024-01-01',
    members: 'properties',
    properties: 'userMetadata',
  },
  'Microsoft.ServiceBus/namespaces': {
    apiVersion: '2024-01-01',
    members: 'location! tags sku identity properties',
    properties:
      'alternateName disableLocalAuth encryption minimumTlsVersion premiumMessagingPartitions publicNetworkAccess zoneRedundant',
  },
  'Microsoft.ServiceBus/namespaces/queues': {
    apiVersion: '2024-01-01',
    members: 'properties',
    properties:
      'autoDeleteOnIdle deadLetteringOnMessageExpiration defaultMessageTimeToLive duplicateDetectionHistoryTimeWindow enableBatchedOperations enableExpress enablePartitioning forwardDeadLetteredMessagesTo forwardTo lockDuration maxDeliveryCount maxMessageSizeInKilobytes maxSizeInMegabytes requiresDuplicateDetection requiresSession status',
  },
  'Microsoft.ServiceBus/namespaces/topics': {
    apiVersion: '2024-01-01',
    members: 'properties',
    properties:
      'autoDeleteOnIdle defaultMessageTimeToLive duplicateDetectionHistoryTimeWindow enableBatchedOperations enableExpress enablePartitioning maxMessageSizeInKilobytes maxSizeInMegabytes requiresDuplicateDetection status supportOrdering',
  },
  'Microsoft.Storage/storageAccounts': {
    apiVersion: '2023-05-01',
    members: 'location! tags kind! sku! identity properties',
    properties:
      'accessTier allowBlobPublicAccess allowCrossTenantReplication allowSharedKeyAccess allowedCopyScope defaultToOAuthAuthentication encryption minimumTlsVersion networkAcls publicNetworkAccess supportsHttpsTrafficOnly isHnsEnabled routingPreference sasPolicy keyPolicy',
    below: { networkAcls: 'bypass defaultAction! ipRules resourceAccessRules virtualNetworkRules' },
  },
  'Microsoft.Storage/storageAccounts/blobServices': {
    apiVersion: '2023-05-01',
    members: 'properties',
    properties:
      'changeFeed containerDeleteRetentionPolicy cors defaultServiceVersion deleteRetentionPolicy isVersioningEnabled lastAccessTimeTrackingPolicy restorePolicy',
  },
  'Microsoft.Storage/storageAccounts/blobServices/containers': {
    apiVersion: '2023-05-01',
    members: 'properties',
    properties: 'publicAccess metadata defaultEncryptionScope denyEncryptionScopeOverride',
  },
  'Microsoft.Storage/storageAccounts/tableServices': {
    apiVersion: '2023-05-01',
    members: 'properties',
    properties: 'cors',
  },
  'Microsoft.Storage/storageAccounts/tableServices/tables': {
    apiVersion: '2023-05-01',
    members: 'properties',
    properties: 'signedIdentifiers',
  },
  'Microsoft.Web/serverfarms': {
    apiVersion: '2024-04-01',
    members: 'location! tags kind sku properties',
    properties: 'reserved zoneRedundant perSiteScaling maximumElasticWorkerCount elasticScaleEnabled targetWorkerCount',
  },
  'Microsoft.Web/sites': {
    apiVersion: '2024-04-01',
    members: 'location! tags kind identity properties',
    properties:
      'serverFarmId httpsOnly functionAppConfig siteConfig virtualNetworkSubnetId keyVaultReferenceIdentity publicNetworkAccess clientCertEnabled clientCertMode enabled vnetRouteAllEnabled',
    below: {
      siteConfig: 'appSettings cors ftpsState healthCheckPath http20Enabled ipSecurityRestrictions minTlsVersion',
      functionAppConfig: 'deployment! runtime! scaleAndConcurrency! siteUpdateStrategy',
      'functionAppConfig.runtime': 'name! version!',
      'functionAppConfig.scaleAndConcurrency': 'alwaysReady instanceMemoryMB! maximumInstanceCount! triggers',
      'functionAppConfig.deployment.storage': 'type! value! authentication!',
      'functionAppConfig.deployment.storage.authentication':
        'type! userAssignedIdentityResourceId storageAccountConnectionStringName',
    },
  },
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': {
    apiVersion: '2024-04-01',
    members: 'properties',
    properties: 'allow!',
  },
  'Microsoft.Authorization/roleAssignments': {
    apiVersion: '2022-04-01',
    members: 'properties!',
    properties: 'principalId! roleDefinitionId! principalType! description condition conditionVersion',
  },
  'Microsoft.Network/virtualNetworks': {
    apiVersion: '2024-05-01',
    members: 'location! tags properties',
    properties: 'addressSpace subnets dhcpOptions enableDdosProtection encryption',
  },
  'Microsoft.Network/virtualNetworks/subnets': {
    apiVersion: '2024-05-01',
    members: 'properties',
    properties:
      'addressPrefix addressPrefixes delegations privateEndpointNetworkPolicies privateLinkServiceNetworkPolicies networkSecurityGroup natGateway routeTable serviceEndpoints defaultOutboundAccess',
  },
  'Microsoft.Network/privateDnsZones': { apiVersion: '2020-06-01', members: 'location! tags', properties: '' },
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks': {
    apiVersion: '2020-06-01',
    members: 'location! tags properties',
    properties: 'registrationEnabled virtualNetwork',
  },
  'Microsoft.Network/privateEndpoints': {
    apiVersion: '2024-05-01',
    members: 'location! tags properties',
    properties: 'subnet privateLinkServiceConnections customNetworkInterfaceName ipConfigurations',
  },
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups': {
    apiVersion: '2024-05-01',
    members: 'properties',
    properties: 'privateDnsZoneConfigs',
  },
};
