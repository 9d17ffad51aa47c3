"""Handles of the native library: each is freed exactly once, never under a call that still uses it.

C leaves the use of a freed handle undefined; this file makes it an exception. Every handle counts the calls
in flight. ``close`` marks it closed, and the last call to leave frees it. One lock guards all counts for a
few bytecodes at a time; it is held across ``fork`` so that a child never inherits it locked.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import NoReturn, TypeVar

from .errors import InvalidArgument

_lock = threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)

Self = TypeVar("Self", bound="Handle")


class _State:
    """The pointer, apart from the object, so that the finaliser does not keep the object alive."""

    __slots__ = ("calls", "closed", "free", "name", "pointer")

    def __init__(self, pointer: int, free: Callable[[int], None], name: str) -> None:
        self.pointer: int | None = pointer
        self.free = free
        self.name = name
        self.calls = 0
        self.closed = False

    def __enter__(self) -> int:
        with _lock:
            self.calls += 1
            if not self.closed and self.pointer is not None:
                return self.pointer
            self.calls -= 1
        raise InvalidArgument(f"this {self.name} is closed; make a new one", reason="closed", place=self.name)

    def __exit__(self, *_: object) -> None:
        with _lock:
            self.calls -= 1
            pointer = self._last()
        if pointer is not None:
            self.free(pointer)

    def close(self) -> None:
        with _lock:
            self.closed = True
            pointer = self._last()
        if pointer is not None:
            self.free(pointer)

    def _last(self) -> int | None:
        """The pointer when nobody needs it any more; it is given out once."""
        if not self.closed or self.calls:
            return None
        pointer, self.pointer = self.pointer, None
        return pointer


class Handle:
    """Something the native library owns. Close it, or use it as a context manager, or let it go."""

    __slots__ = ("__weakref__", "_finalizer", "_pinned")

    def __init__(self, pointer: int, free: Callable[[int], None]) -> None:
        self._pinned = _State(pointer, free, type(self).__name__)
        self._finalizer = weakref.finalize(self, self._pinned.close)

    @property
    def closed(self) -> bool:
        """True once ``close`` was called; every further use raises ``InvalidArgument``."""
        return self._pinned.closed

    def close(self) -> None:
        """Frees it now, or as soon as the last call in flight returns. Closing twice is fine."""
        self._finalizer()
        self._pinned.close()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} belongs to its process and is not pickled")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}{' (closed)' if self.closed else ''}>"
