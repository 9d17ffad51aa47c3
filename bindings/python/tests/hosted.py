"""The village as a module to import by name: ``hosted:app``, ``hosted:asgi``, ``hosted:fed``.

Its pages are the host's own: ``/upload`` reads a body piece by piece, ``/wait`` works on a thread of the
event loop's, ``/state`` tells what this process holds, ``/key`` uses the library in it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import threading
from pathlib import Path
from typing import Any

from fedigraft import Key, Request, sign, verify
from fedigraft.exchange import Exchange

from village import Village

FOLDER = Path(os.environ["VILLAGE_FOLDER"])
village = Village(
    FOLDER,
    "ann",
    int(os.environ["VILLAGE_PORT"]),
    os.environ.get("VILLAGE_ADDRESS"),
    most_fetching=int(os.environ.get("VILLAGE_FETCHING", "4")),
    # A fetch takes so long that no test sees one end by itself.
    policy={"base": "development", "fetch_seconds": 300, "inbound_seconds": 300},
)
village.hours = int(os.environ.get("VILLAGE_HOURS", "0"))
fed = village.fed

# Under a prefork server this module is loaded before the fork: the library has hashed and signed by then.
BEFORE = Key.generate()
BEFORE.sign(b"before the fork")
_ = fed.inbound


def state() -> dict[str, Any]:
    """What this process holds at the moment."""
    gate = fed._inbound_driver._gate
    assert gate is not None
    gc.collect()
    return {
        "pid": os.getpid(),
        "exchanges": sum(isinstance(one, Exchange) for one in gc.get_objects()),
        "places": gate._value,
        "threads": [one.name for one in threading.enumerate() if one.name.startswith("fedigraft")],
        "sockets": sum("socket:" in os.readlink(entry) for entry in Path("/proc/self/fd").iterdir()
                       if entry.is_symlink()),
    }  # fmt: skip


def key() -> dict[str, Any]:
    """A key made in this process, one from before the fork, and an exchange."""
    with Key.generate() as own, own.public() as public, BEFORE.public() as before:
        body = b"{}"
        url = f"{village.origin}/ap/inbox"
        verdicts = []
        for private, half in ((own, public), (BEFORE, before)):
            headers = sign(private, f"{village.origin}/k", "POST", url, body=body)
            request = Request("POST", "/ap/inbox", headers, body)
            verdicts.append(verify(fed.instance, request, half).code)
        actor = Request("GET", "/ap/users/1", (("Accept", "application/activity+json"),))
        return {
            "pid": os.getpid(),
            "public": own.public_pem(),
            "verdicts": verdicts,
            "actor": fed.inbound.answer(actor).status,
        }


class Upload:
    """A body that arrives in pieces and is thrown away."""

    def __init__(self) -> None:
        self.size = 0
        self.largest = 0

    def take(self, piece: bytes) -> None:
        if piece and not self.size:
            (FOLDER / "first-piece").touch()
        self.size += len(piece)
        self.largest = max(self.largest, len(piece))

    def told(self) -> dict[str, int]:
        return {"size": self.size, "largest": self.largest}


def pages(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    if environ["PATH_INFO"] == "/upload":
        upload = Upload()
        while piece := environ["wsgi.input"].read(65536):
            upload.take(piece)
        found: Any = upload.told()
    else:
        found = {"/state": state, "/key": key}.get(environ["PATH_INFO"], lambda: "a page of ann")()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [found.encode() if isinstance(found, str) else json.dumps(found).encode()]


async def page(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    found: Any = "a page of ann"
    if scope["path"] == "/upload":
        upload = Upload()
        more = True
        while more:
            message = await receive()
            upload.take(message.get("body", b""))
            more = message.get("more_body", False)
        found = upload.told()
    elif scope["path"] == "/state":
        found = state()
    elif scope["path"] == "/wait":
        found = await asyncio.to_thread(lambda: "a page of ann")
    body = found.encode() if isinstance(found, str) else json.dumps(found).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


app = fed.wsgi(pages)
asgi = fed.asgi(page)
