"""Publish one sealed snapshot. pip install azure-eventhub; set EVENTHUB to a connection string."""
import json, os, uuid
from datetime import datetime, timezone
from azure.eventhub import EventData, EventHubProducerClient

now = datetime.now(timezone.utc)
event = {
    "eventType": "OutputPortSnapshotSealed",
    "eventId": str(uuid.uuid4()),
    "occurredAt": now.isoformat(),
    "producer": {"dataProduct": "dp.sales.orders", "domain": "sales"},
    "outputPort": {"key": "op.sales.orders.daily", "version": "2.1.0", "stage": "prod"},
    "snapshot": {
        "watermark": now.isoformat(),
        "schemaHash": "sha256:9f2c1a7be04d55e1",
        "quality": {"status": "passed", "ruleset": "orders-daily@3", "score": 0.99},
    },
}
with EventHubProducerClient.from_connection_string(os.environ["EVENTHUB"], eventhub_name="readiness-events") as producer:
    batch = producer.create_batch(partition_key=event["outputPort"]["key"])
    batch.add(EventData(json.dumps(event)))
    producer.send_batch(batch)
print("sent", event["eventId"])
