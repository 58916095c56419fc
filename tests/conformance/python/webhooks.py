"""What the SDK says of each webhook of a list: accepted or refused. Prints both as JSON."""

import json
import os
from pathlib import Path

from openai import InvalidWebhookSignatureError

from client import create_client

client = create_client()


def verdict(case):
    try:
        event = client.webhooks.unwrap(case["body"], case["headers"], secret=case["secret"])
    except (InvalidWebhookSignatureError, ValueError):
        return "refused"
    return f"accepted {event.type} {event.data.id}"


print(json.dumps([verdict(case) for case in json.loads(Path(os.environ["WEBHOOKS"]).read_text())]))
