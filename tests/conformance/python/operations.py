"""Every operation of the Videos API with the official SDK for Python. Prints one JSON document: what each step came to.

Where the SDK takes an object but cannot send it (it wants bytes wherever a file may be), the object goes into extra_body,
as its users do it.
"""

import base64
import hashlib
import json
import os
from pathlib import Path

from openai import omit

from client import create_client
from steps import Steps

inputs = Path(os.environ["INPUTS"])
reference_path = inputs / "reference.png"
source_path = inputs / "source.mp4"
client = create_client()
videos = client.videos
steps = Steps()
need, see = steps.need, steps.see
made: list[str] = []


def make(step, act):
    video = need(step, act)
    made.append(video.id)
    return video


def download(video_id, variant=omit):
    response = videos.download_content(video_id, variant=variant)
    content = response.read()
    return {
        "bytes": len(content),
        "content_type": response.response.headers.get("content-type"),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def page(**query):
    listed = videos.list(**query)
    return {"data": listed.data, "has_more": listed.has_more, "last_id": listed.last_id}


def pages(**query):
    return [[video.id for video in each.data] for each in videos.list(**query).iter_pages()]


boat = make(
    "create",
    lambda: videos.create(
        model="sora-2", prompt="A paper boat drifts down a rainy street", seconds="4", size="720x1280"
    ),
)
see("download before completion", lambda: download(boat.id))
make("create with defaults", lambda: videos.create(prompt='Ein Löwe 🦁 spielt Schach, "leise"'))
make(
    "create with a named reference file",
    lambda: videos.create(prompt="The picture comes alive", input_reference=reference_path),
)
make(
    "create with an unlabelled reference file",
    lambda: videos.create(prompt="The picture fades away", input_reference=reference_path.read_bytes()),
)
data_url = "data:image/png;base64," + base64.b64encode(reference_path.read_bytes()).decode()
make(
    "create with a reference data URL",
    lambda: videos.create(
        prompt="The picture turns around", extra_body={"input_reference": {"image_url": data_url}}
    ),
)

kept = need(
    "upload a file",
    lambda: client.files.create(
        file=reference_path, purpose="vision", expires_after={"anchor": "created_at", "seconds": 7200}
    ),
)


def kept_files():
    listed = client.files.list(limit=5, order="desc", purpose="vision")
    return {"data": listed.data, "has_more": listed.has_more}


need("retrieve a file", lambda: client.files.retrieve(kept.id))
need("list files", kept_files)
need(
    "download a file",
    lambda: {"content": hashlib.sha256(client.files.content(kept.id).read()).hexdigest()},
)
make(
    "create with a file id",
    lambda: videos.create(
        prompt="The picture remembers", extra_body={"input_reference": {"file_id": kept.id}}
    ),
)
need("delete a file", lambda: client.files.delete(kept.id))
see("retrieve a file that is deleted", lambda: client.files.retrieve(kept.id))

need("wait until completed", lambda: videos.poll(boat.id))
need("download the video", lambda: download(boat.id))
need("download the thumbnail", lambda: download(boat.id, "thumbnail"))
need("download the spritesheet", lambda: download(boat.id, "spritesheet"))

by_id = {"video": {"id": boat.id}}
sora = {"model": "sora-2"}
make("remix", lambda: videos.remix(boat.id, prompt="The boat is now red"))
make("edit by id", lambda: videos.edit(prompt="Make it snow", video=omit, extra_body=by_id))
make("edit by upload", lambda: videos.edit(prompt="Make it night", video=source_path, extra_body=sora))
make(
    "extend by id",
    lambda: videos.extend(prompt="The boat sinks", seconds="4", video=omit, extra_body=by_id),
)
make(
    "extend by upload",
    lambda: videos.extend(prompt="The boat lands", seconds="8", video=source_path, extra_body=sora),
)
character = need(
    "create a character", lambda: videos.create_character(name="Captain Ada", video=source_path)
)
need("get a character", lambda: videos.get_character(character.id))
make(
    "create with a character",
    lambda: videos.create(prompt="Captain Ada waves", extra_body={"characters": [{"id": character.id}]}),
)
need("wait for all the others", lambda: [videos.poll(video_id) for video_id in made])

first, last = made[0], made[-1]
need("list the newest", lambda: page(limit=3, order="desc"))
need("list page by page", lambda: pages(limit=2, order="asc", after=first))
need("list after the last", lambda: page(order="asc", after=last))

need("delete", lambda: videos.delete(last))
see("retrieve what is deleted", lambda: videos.retrieve(last))
see("download what is deleted", lambda: download(last))
see("delete what is deleted", lambda: videos.delete(last))
need("list without what is deleted", lambda: page(limit=1))

unknown = "video_123"
see("create without a prompt", lambda: videos.create(prompt=omit, seconds="4"))
see("create with an empty prompt", lambda: videos.create(prompt=""))
see("create with odd seconds", lambda: videos.create(prompt="x", seconds="5"))
see("create with an odd size", lambda: videos.create(prompt="x", size="100x100"))
see("create with an unknown model", lambda: videos.create(prompt="x", model="sora-99"))
see(
    "create with an unknown character",
    lambda: videos.create(prompt="x", extra_body={"characters": [{"id": "char_123"}]}),
)
see("list with a limit of 101", lambda: page(limit=101))
see("list in no order", lambda: page(order="sideways"))
see("list after what is unknown", lambda: page(after=unknown))
see("retrieve what is unknown", lambda: videos.retrieve(unknown))
see("download what is unknown", lambda: download(unknown))
see("download an unknown variant", lambda: download(first, "poster"))
see("delete what is unknown", lambda: videos.delete(unknown))
see("remix what is unknown", lambda: videos.remix(unknown, prompt="x"))
nowhere = {"video": {"id": unknown}}
see("edit what is unknown", lambda: videos.edit(prompt="x", video=omit, extra_body=nowhere))
see("extend what is unknown", lambda: videos.extend(prompt="x", seconds="4", video=omit, extra_body=nowhere))
see("get an unknown character", lambda: videos.get_character("char_123"))
see("retrieve an unknown file", lambda: client.files.retrieve("file-123"))
see(
    "create with an unknown file",
    lambda: videos.create(prompt="x", extra_body={"input_reference": {"file_id": "file-123"}}),
)
see("retrieve with a wrong key", lambda: create_client(api_key="not-the-key").videos.retrieve(first))

webhooks = json.loads((inputs / "webhooks.json").read_text())


def unwrap(kind):
    case = webhooks[kind]
    return client.webhooks.unwrap(case["body"], case["headers"], secret=webhooks["secret"])


need("unwrap a webhook", lambda: unwrap("valid"))
see("unwrap a tampered webhook", lambda: unwrap("tampered"))
see("unwrap an old webhook", lambda: unwrap("old"))

print(json.dumps({"steps": steps.done}))
