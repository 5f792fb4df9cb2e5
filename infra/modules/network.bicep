metadata description = 'A network for the functions and private endpoints for what they talk to.'

param location string
param tags object
param name string
param storageAccountId string
param eventHubsNamespaceId string
param serviceBusNamespaceId string

var messagingZone = environment().name == 'AzureUSGovernment' ? 'privatelink.servicebus.usgovcloudapi.net' : environment().name == 'AzureChinaCloud' ? 'privatelink.servicebus.chinacloudapi.cn' : 'privatelink.servicebus.windows.net'
var zoneNames = [
  'privatelink.blob.${environment().suffixes.storage}'
  'privatelink.table.${environment().suffixes.storage}'
  messagingZone
]
// Event Hubs and Service Bus answer under the same domain and so share a zone.
var endpoints = [
  { name: 'blob', target: storageAccountId, group: 'blob', zone: 0 }
  { name: 'table', target: storageAccountId, group: 'table', zone: 1 }
  { name: 'event-hubs', target: eventHubsNamespaceId, group: 'namespace', zone: 2 }
  { name: 'service-bus', target: serviceBusNamespaceId, group: 'namespace', zone: 2 }
]

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: ['10.70.0.0/24']
    }
  }
}

// No underscore in the name and nothing else inside: Flex Consumption asks for both. 64 addresses.
resource functionsSubnet 'Microsoft.Network/virtualNetworks/subnets@2024-05-01' = {
  parent: network
  name: 'functions'
  properties: {
    addressPrefix: '10.70.0.0/26'
    delegations: [
      {
        name: 'flex-consumption'
        properties: {
          serviceName: 'Microsoft.App/environments'
        }
      }
    ]
  }
}

resource endpointsSubnet 'Microsoft.Network/virtualNetworks/subnets@2024-05-01' = {
  parent: network
  name: 'endpoints'
  properties: {
    addressPrefix: '10.70.0.64/26'
    privateEndpointNetworkPolicies: 'Disabled'
  }
  // Azure changes one subnet of a network at a time.
  dependsOn: [functionsSubnet]
}

resource zones 'Microsoft.Network/privateDnsZones@2020-06-01' = [
  for zoneName in zoneNames: {
    name: zoneName
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01' = [
  for (zoneName, index) in zoneNames: {
    parent: zones[index]
    name: 'to-${name}'
    location: 'global'
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: network.id
      }
    }
  }
]

resource privateEndpoints 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for endpoint in endpoints: {
    name: 'pe-${endpoint.name}-${name}'
    location: location
    tags: tags
    properties: {
      subnet: {
        id: endpointsSubnet.id
      }
      privateLinkServiceConnections: [
        {
          name: endpoint.name
          properties: {
            privateLinkServiceId: endpoint.target
            groupIds: [endpoint.group]
          }
        }
      ]
    }
  }
]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (endpoint, index) in endpoints: {
    parent: privateEndpoints[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: endpoint.name
          properties: {
            privateDnsZoneId: zones[endpoint.zone].id
          }
        }
      ]
    }
  }
]

output functionsSubnetId string = functionsSubnet.id
