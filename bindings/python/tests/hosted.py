"""The village as a module to import by name: ``hosted:app``, ``hosted:asgi``, ``hosted:fed``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from village import Village

village = Village(
    Path(os.environ["VILLAGE_FOLDER"]),
    "ann",
    int(os.environ["VILLAGE_PORT"]),
    os.environ.get("VILLAGE_ADDRESS"),
)
fed = village.fed
app = village.app


async def page(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a page of ann"})


asgi = fed.asgi(page)
