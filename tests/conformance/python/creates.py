"""The same create COUNT times at once, with the SDK's own retries; then each video is waited for. Prints one JSON array."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

from client import create_client
from steps import shown_error

client = create_client(timeout=int(os.environ["TIMEOUT_MS"]) / 1000)


def create_and_hold(_):
    try:
        video = client.videos.create(prompt=os.environ["PROMPT"], seconds="4")
        return {"id": video.id, "status": client.videos.poll(video.id, poll_interval_ms=250).status}
    except Exception as error:  # whatever the SDK raises is what is looked at
        return {"error": shown_error(error)}


count = int(os.environ["COUNT"])
with ThreadPoolExecutor(count) as threads:
    print(json.dumps(list(threads.map(create_and_hold, range(count)))))
