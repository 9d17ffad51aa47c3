"""Blocking work under asyncio, on a thread of its own.

``asyncio.to_thread`` shares a few threads with the host's pages, four more than there are cores. Peers that
answer slowly would use them up. Here each wait has its own thread; whoever asks bounds how many there are.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def on_own_thread(function: Callable[[], T]) -> T:
    """Runs it on a new thread and waits. Cancelled, it waits no longer; the function must end by itself."""
    future: Future[T] = Future()
    context = contextvars.copy_context()

    def run() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            found = context.run(function)
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(found)

    threading.Thread(target=run, name="fedigraft-fetch", daemon=True).start()
    return await asyncio.wrap_future(future)
