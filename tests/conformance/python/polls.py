"""One create that the SDK's own helper waits for, at whatever pace it chooses. Prints the video as JSON."""

import json
import os

from client import create_client
from steps import shown

print(json.dumps(shown(create_client().videos.create_and_poll(prompt=os.environ["PROMPT"], seconds="4"))))
