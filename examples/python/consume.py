"""Receive triggers of dp.finance.revenue. pip install azure-servicebus; set SERVICEBUS to a connection string."""
import json, os
from azure.servicebus import ServiceBusClient

with ServiceBusClient.from_connection_string(os.environ["SERVICEBUS"]) as client:
    with client.get_subscription_receiver("triggers", "dp.finance.revenue", max_wait_time=30) as receiver:
        for message in receiver:
            trigger = json.loads(str(message))
            # Key your run by the trigger id: a message may come again, the id stays the same.
            if trigger["kind"] == "revocation":
                print("snapshot taken back; undo or repeat", trigger["revokes"])
            else:
                print("run", trigger["triggerId"], "for", trigger["inputs"][0]["snapshot"]["watermark"])
            receiver.complete_message(message)
