"""The one tree of exceptions: what happened, where, what was expected and whether to try again.

Each class stands for one status of the C ABI (``include/fedigraft.h``); where Python has a word of its own
for the same thing, the class is that too (``Malformed`` is a ``ValueError``). Texts hold no user data.
"""

from __future__ import annotations

import functools
from typing import Any, ClassVar


class Error(Exception):
    """Why something failed. Catch this one to catch everything fedigraft raises.

    Attributes:
        code: the kind of failure, by what the caller can do about it, such as ``malformed``.
        reason: a stable word for the cause, such as ``duplicate_key``.
        message: one sentence for the reader.
        place: a JSON pointer (RFC 6901), a header name or an argument; empty when there is no place.
        retryable: true when the same call may succeed later.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, reason: str = "", place: str = "", retryable: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or self.code
        self.place = place
        self.retryable = retryable

    def __str__(self) -> str:
        at = f" at {self.place}" if self.place else ""
        return f"{self.message} ({self.reason}{at})"

    def __reduce__(self) -> tuple[Any, ...]:
        again = functools.partial(type(self), reason=self.reason, place=self.place, retryable=self.retryable)
        return again, (self.message,)


class InvalidArgument(Error, ValueError):
    """An argument is missing, has the wrong type or contradicts another: a fault in the calling code."""

    code = "invalid_argument"


class Malformed(Error, ValueError):
    """Foreign bytes are not what they claim to be: not UTF-8, not JSON, not PEM, a wrong shape."""

    code = "malformed"


class Unsupported(Error, NotImplementedError):
    """Well formed, but of a kind this library does not handle."""

    code = "unsupported"


class TooLarge(Error, ValueError):
    """Over a documented bound of size, depth or number."""

    code = "too_large"


class Refused(Error):
    """A rule forbids it: a private post, a blocked host, a private address."""

    code = "refused"


class OutOfStep(Error, RuntimeError):
    """An answer to a step the exchange is not at."""

    code = "out_of_step"


class Busy(Error, RuntimeError):
    """Another thread is inside this exchange, or as many exchanges are fetching as are allowed."""

    code = "busy"


class Failed(Error, RuntimeError):
    """The exchange ended early: something it needed could not be done."""

    code = "failed"


class TooNew(Error):
    """A stored document of a newer major version: keep it and try again after the upgrade."""

    code = "too_new"


class Crypto(Error):
    """The cryptographic backend refused the key or the operation."""

    code = "crypto"


class Internal(Error, RuntimeError):
    """A bug in this library. Please report it with the message."""

    code = "internal"


class FetchFailed(Failed):
    """A request could not be made or its answer could not be read.

    ``reason`` is one of ``address_refused``, ``connection_failed``, ``dns_failed``, ``protocol_error``,
    ``tls_failed``, ``timeout``, ``too_large``, ``url_refused``, ``cancelled``.
    """

    code = "fetch_failed"


class LibraryError(Error, ImportError):
    """The native library is missing or does not fit this package."""

    code = "library"

    def __init__(self, message: str, *, reason: str = "", place: str = "", retryable: bool = False) -> None:
        super().__init__(message, reason=reason, place=place, retryable=retryable)
        self.msg = message
