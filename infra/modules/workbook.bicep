metadata description = 'One page that shows what goes through and what is stuck.'

param location string
param tags object
param stage string
param workspaceId string

var charts = [
  { title: 'What went through', query: loadTextContent('../queries/flow.kql'), visualization: 'timechart' }
  { title: 'Age of the oldest unsent trigger (ms)', query: loadTextContent('../queries/pending-age.kql'), visualization: 'timechart' }
  { title: 'Longest time from event to trigger (ms)', query: loadTextContent('../queries/trigger-lag.kql'), visualization: 'timechart' }
  { title: 'Quarantined', query: loadTextContent('../queries/quarantined.kql'), visualization: 'barchart' }
  { title: 'Put back for a later attempt', query: loadTextContent('../queries/put-back.kql'), visualization: 'barchart' }
  { title: 'Verdicts with a gate that could not answer', query: loadTextContent('../queries/gate-errors.kql'), visualization: 'barchart' }
  { title: 'Faults', query: loadTextContent('../queries/faults.kql'), visualization: 'table' }
]

var timeRange = {
  type: 9
  name: 'time range'
  content: {
    version: 'KqlParameterItem/1.0'
    style: 'pills'
    queryType: 0
    resourceType: 'microsoft.operationalinsights/workspaces'
    parameters: [
      {
        id: guid('outport', 'time-range')
        version: 'KqlParameterItem/1.0'
        name: 'TimeRange'
        label: 'Time range'
        type: 4
        isRequired: true
        value: { durationMs: 86400000 }
        typeSettings: {
          selectableValues: [{ durationMs: 3600000 }, { durationMs: 14400000 }, { durationMs: 86400000 }, { durationMs: 604800000 }]
        }
      }
    ]
  }
}

var panels = [
  for chart in charts: {
    type: 3
    name: chart.title
    content: {
      version: 'KqlItem/1.0'
      title: chart.title
      query: chart.query
      size: 0
      visualization: chart.visualization
      queryType: 0
      resourceType: 'microsoft.operationalinsights/workspaces'
      timeContextFromParameter: 'TimeRange'
    }
  }
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'outport', stage)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Outport ${stage}'
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: workspaceId
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([timeRange], panels)
      fallbackResourceIds: [workspaceId]
    })
  }
}
