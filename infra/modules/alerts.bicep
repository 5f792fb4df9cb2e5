metadata description = 'What somebody must look at. Log alerts read the lines the functions write; metric alerts read the services.'

param location string
param tags object
param stage string

@description('Who is told; empty tells nobody, the alerts still show in the portal.')
param email string

param workspaceId string
param eventHubsNamespaceId string
param serviceBusNamespaceId string
param storageAccountId string

@description('Age in milliseconds at which a decided trigger that is not sent is a fault.')
param pendingAgeMs int = 600000

@description('Time in milliseconds from receiving an event to having sent its trigger that is too long.')
param triggerLagMs int = 300000

@description('Messages put back within the window that mean a store or the broker is in trouble.')
param putBackLimit int = 100

var silent = empty(email)

// `measure` names a number column of the query, or is empty to count rows.
var logAlerts = [
  {
    name: 'quarantine-not-empty'
    title: 'Events went to quarantine'
    action: 'See them with the quarantine commands; the reason names the producer and the field.'
    query: loadTextContent('../queries/quarantined.kql')
    measure: 'Quarantined'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 0
    severity: 2
    window: 'PT15M'
  }
  {
    name: 'pending-age'
    title: 'A decided trigger is not sent'
    action: 'The sweep hands it on every half minute: look at the dispatch queue, its dead letters, and the topic.'
    query: loadTextContent('../queries/pending-age.kql')
    measure: 'OldestPendingMs'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: pendingAgeMs
    severity: 1
    window: 'PT15M'
  }
  {
    name: 'trigger-lag'
    title: 'Triggers leave late'
    action: 'Look at the age of the queues and at throttling; raise the instance limit or the throughput units.'
    query: loadTextContent('../queries/trigger-lag.kql')
    measure: 'SlowestMs'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: triggerLagMs
    severity: 2
    window: 'PT15M'
  }
  {
    name: 'evaluation-silent'
    title: 'Signals are stored but not evaluated'
    action: 'No registry may be in force, or the evaluate function does not run: look at the faults in the workbook.'
    query: loadTextContent('../queries/evaluation-silent.kql')
    measure: ''
    aggregation: 'Count'
    operator: 'GreaterThan'
    threshold: 0
    severity: 1
    window: 'PT30M'
  }
  {
    name: 'functions-silent'
    title: 'The functions do not run'
    action: 'The sweep should log twice a minute: look at the app\'s health address, its settings and its roles.'
    query: loadTextContent('../queries/sweeps.kql')
    measure: ''
    aggregation: 'Count'
    operator: 'LessThan'
    threshold: 1
    severity: 1
    window: 'PT15M'
  }
  {
    name: 'put-back'
    title: 'Many messages are put back'
    action: 'A store or the broker does not answer: the fault lines in the workbook say which.'
    query: loadTextContent('../queries/put-back.kql')
    measure: 'PutBack'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: putBackLimit
    severity: 2
    window: 'PT15M'
  }
  {
    name: 'gate-errors'
    title: 'A gate could not answer'
    action: 'The verdicts with outcome error name the gate; mend the subscription, then replay the signals.'
    query: loadTextContent('../queries/gate-errors.kql')
    measure: 'Errors'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 0
    severity: 2
    window: 'PT15M'
  }
]

var metricAlerts = [
  {
    name: 'dead-letters'
    title: 'Messages are dead-lettered'
    scope: serviceBusNamespaceId
    metricNamespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'DeadletteredMessages'
    aggregation: 'Maximum'
    threshold: 0
    severity: 1
    dimension: 'EntityName'
    values: ['*']
  }
  {
    name: 'service-bus-throttled'
    title: 'Service Bus turns requests away'
    scope: serviceBusNamespaceId
    metricNamespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'ThrottledRequests'
    aggregation: 'Total'
    threshold: 0
    severity: 2
    dimension: 'EntityName'
    values: ['*']
  }
  {
    name: 'event-hubs-throttled'
    title: 'Event Hubs turns requests away'
    scope: eventHubsNamespaceId
    metricNamespace: 'Microsoft.EventHub/namespaces'
    metric: 'ThrottledRequests'
    aggregation: 'Total'
    threshold: 0
    severity: 2
    dimension: 'EntityName'
    values: ['*']
  }
  {
    name: 'tables-throttled'
    title: 'Table Storage turns requests away'
    scope: '${storageAccountId}/tableServices/default'
    metricNamespace: 'Microsoft.Storage/storageAccounts/tableServices'
    metric: 'Transactions'
    aggregation: 'Total'
    threshold: 0
    severity: 2
    dimension: 'ResponseType'
    values: ['ServerBusyError', 'ClientThrottlingError', 'ClientAccountBandwidthThrottlingError', 'ClientAccountRequestThrottlingError', 'ServerTimeoutError']
  }
]

resource receivers 'Microsoft.Insights/actionGroups@2023-01-01' = if (!silent) {
  name: 'ag-outport-${stage}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'outport'
    emailReceivers: [
      {
        name: 'operators'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource fromLogs 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in logAlerts: {
    name: 'outport-${stage}-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Outport ${stage}: ${alert.title}'
      description: alert.action
      enabled: true
      severity: alert.severity
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: alert.window
      autoMitigate: true
      // The workspace knows the tables only after the first line was logged.
      skipQueryValidation: true
      criteria: {
        allOf: [
          union(
            {
              query: alert.query
              timeAggregation: alert.aggregation
              operator: alert.operator
              threshold: alert.threshold
              failingPeriods: {
                numberOfEvaluationPeriods: 1
                minFailingPeriodsToAlert: 1
              }
            },
            empty(alert.measure) ? {} : { metricMeasureColumn: alert.measure }
          )
        ]
      }
      actions: {
        actionGroups: silent ? [] : [receivers.id]
      }
    }
  }
]

resource fromMetrics 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in metricAlerts: {
    name: 'outport-${stage}-${alert.name}'
    location: 'global'
    tags: tags
    properties: {
      description: 'Outport ${stage}: ${alert.title}'
      enabled: true
      severity: alert.severity
      scopes: [alert.scope]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: alert.name
            metricNamespace: alert.metricNamespace
            metricName: alert.metric
            timeAggregation: alert.aggregation
            operator: 'GreaterThan'
            threshold: alert.threshold
            dimensions: [
              {
                name: alert.dimension
                operator: 'Include'
                values: alert.values
              }
            ]
          }
        ]
      }
      actions: silent ? [] : [{ actionGroupId: receivers.id }]
    }
  }
]
