"""Handles of the native library: each is freed exactly once, never under a call that still uses it.

C leaves the use of a freed handle undefined; this file makes it an exception. The reference count of the
pointer object does the work: a call that is under way holds a reference to it as its argument, ``close`` lets
go of the handle's own, and whoever lets go last frees it. There is no lock for a fork to inherit.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import c_void_p
from types import TracebackType
from typing import NoReturn, TypeVar

from .errors import InvalidArgument

Self = TypeVar("Self", bound="Handle")


class _Owned(c_void_p):
    """A pointer that is freed when nothing refers to it any more."""

    def __init__(self, address: int, free: Callable[[int | None], object]) -> None:
        super().__init__(address)
        self._free = free

    def __del__(self) -> None:
        self._free(self.value)


class Handle:
    """Something the native library owns. Close it, or use it as a context manager, or let it go."""

    __slots__ = ("__weakref__", "_owned")

    def __init__(self, address: int, free: Callable[[int | None], object]) -> None:
        self._owned: _Owned | None = _Owned(address, free)

    @property
    def _pointer(self) -> _Owned:
        """The pointer for one call; pass it as it is, for the reference keeps it valid."""
        owned = self._owned
        if owned is None:
            name = type(self).__name__
            raise InvalidArgument(f"this {name} is closed; make a new one", reason="closed", place=name)
        return owned

    @property
    def closed(self) -> bool:
        """True once ``close`` was called; every further use raises ``InvalidArgument``."""
        return self._owned is None

    def close(self) -> None:
        """Frees it now, or as soon as the last call in flight returns. Closing twice is fine."""
        self._owned = None

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
