"""The native library: found, checked and called.

One place turns a status into an exception and a buffer into ``bytes``. ctypes releases the GIL during every
call, so threads that sign or verify run side by side. It also passes a structure by its address where a
pointer to one is declared, which costs less than ``byref``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from ctypes import CDLL, c_void_p, string_at
from pathlib import Path
from typing import Any

from . import _abi, errors

_CLASSES: dict[int, type[errors.Error]] = {
    _abi.INVALID_ARGUMENT: errors.InvalidArgument,
    _abi.MALFORMED: errors.Malformed,
    _abi.UNSUPPORTED: errors.Unsupported,
    _abi.TOO_LARGE: errors.TooLarge,
    _abi.REFUSED: errors.Refused,
    _abi.OUT_OF_STEP: errors.OutOfStep,
    _abi.BUSY: errors.Busy,
    _abi.FAILED: errors.Failed,
    _abi.TOO_NEW: errors.TooNew,
    _abi.CRYPTO: errors.Crypto,
    _abi.INTERNAL: errors.Internal,
}


def _find() -> Path:
    """``FEDIGRAFT_LIBRARY`` when it is set, else the file beside this one."""
    named = os.environ.get("FEDIGRAFT_LIBRARY")
    if named:
        return Path(named)
    names = {"darwin": "libfedigraft.dylib", "win32": "fedigraft.dll"}
    return Path(__file__).with_name(names.get(sys.platform, "libfedigraft.so"))


def _open(path: Path) -> CDLL:
    if not path.is_file():
        raise errors.LibraryError(
            f"the native library is not at {path}; install the package with pip, which builds it, "
            "or name the file in FEDIGRAFT_LIBRARY",
            reason="library_missing",
        )
    try:
        opened = CDLL(os.fspath(path))
        found = int(opened.fedigraft_abi_version())
        if found != _abi.ABI_VERSION:
            raise errors.LibraryError(
                f"{path} has ABI version {found}, this package needs {_abi.ABI_VERSION}; "
                "install both from the same release",
                reason="abi_mismatch",
            )
        _abi.declare(opened)
    except (OSError, AttributeError) as error:
        raise errors.LibraryError(
            f"{path} is not the library this package needs: {error}", reason="library_unusable"
        ) from error
    return opened


library = _open(_find())


def version() -> str:
    """The version of the native library, such as ``0.1.0``."""
    return str(library.fedigraft_version().decode())


def call(function: Callable[..., int], *arguments: Any) -> None:
    """Calls a function that gives nothing back but its status."""
    error = c_void_p()
    status = function(*arguments, error)
    if status:
        raise _exception(status, error)


def call_bytes(function: Callable[..., int], *arguments: Any) -> bytes:
    """Calls a function whose last parameter but one is a ``fedigraft_buf``; gives its bytes."""
    out = _abi.Buf()
    error = c_void_p()
    try:
        status = function(*arguments, out, error)
        if status:
            raise _exception(status, error)
        return string_at(out.data, out.len) if out.len else b""
    finally:
        library.fedigraft_buf_free(out)


def call_json(function: Callable[..., int], *arguments: Any) -> Any:
    """As ``call_bytes``, for functions that answer with JSON."""
    return json.loads(call_bytes(function, *arguments))


def call_handle(function: Callable[..., int], *arguments: Any) -> int:
    """Calls a function that makes a handle; gives its address."""
    out = c_void_p()
    error = c_void_p()
    status = function(*arguments, out, error)
    if status or out.value is None:
        raise _exception(status, error)
    return out.value


def span(data: bytes | bytearray | memoryview | str) -> tuple[bytes, int]:
    """A pointer and a length, as every input crosses the boundary; text becomes UTF-8."""
    if type(data) is not bytes:
        data = data.encode() if isinstance(data, str) else bytes(data)
    return data, len(data)


def document(value: Any) -> tuple[bytes, int]:
    """A JSON value as pointer and length."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return span(text.encode())
    except (TypeError, ValueError) as error:
        raise errors.InvalidArgument(f"this cannot be written as JSON: {error}", reason="not_json") from error


def _exception(status: int, error: c_void_p) -> errors.Error:
    kind = _CLASSES.get(status, errors.Internal)
    if not error.value:
        return kind(f"the native library answered status {status}")
    try:
        detail = json.loads(library.fedigraft_error_detail(error))
        message = library.fedigraft_error_message(error).decode()
        return kind(
            detail.get("message") or message,
            reason=detail.get("reason") or "",
            place=detail.get("at") or "",
            retryable=bool(library.fedigraft_error_is_retryable(error)),
        )
    finally:
        library.fedigraft_error_free(error)
