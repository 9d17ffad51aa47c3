"""How the dataclasses of the native model become JSON documents, and JSON documents become them.

A field that is ``None`` or empty is left out; an unknown member of a document is kept in ``extra`` and
written back. Times are RFC 3339 text with ``Z`` in JSON and aware ``datetime`` values in Python.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import types
import typing
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar, cast

from .errors import InvalidArgument, Malformed

T = TypeVar("T", bound="Document")

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class Document:
    """Base of every dataclass that has a JSON form."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """The JSON object, as plain Python values."""
        out: dict[str, Any] = {}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if field.name == "extra":
                out.update(value)
            elif value is not None and value != ():
                out[field.name] = _write(value, field.name)
        return out

    @classmethod
    def from_json(cls: type[T], document: Mapping[str, Any]) -> T:
        """Reads a JSON object.

        Raises:
            Malformed: a member is missing or of the wrong type; ``place`` says which.
        """
        return cast(T, _read_object(cls, document, ""))


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC with ``Z``; the time must know its zone."""
    if moment.tzinfo is None:
        raise InvalidArgument(
            "a time without a zone could mean any hour; use datetime.now(timezone.utc) or "
            "replace(tzinfo=timezone.utc)",
            reason="naive_time",
        )
    return moment.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """Reads RFC 3339; digits below a microsecond are cut off."""
    match = _TIME.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        day, clock, fraction, zone = match.groups()
        moment = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if zone in 'Zz' else zone}")
        return moment + timedelta(microseconds=int((fraction or "0")[:6].ljust(6, "0")))
    except (ValueError, OverflowError):
        raise Malformed("expected an RFC 3339 time such as 2026-10-05T15:00:00Z", reason="bad_time") from None


def _write(value: Any, place: str) -> Any:
    if isinstance(value, Document):
        return value.to_json()
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, (tuple, list)):
        return [_write(item, place) for item in value]
    return value


@functools.cache
def _shape(cls: Any) -> dict[str, tuple[Any, bool]]:
    """Each field's type and whether a document may leave it out."""
    hints = typing.get_type_hints(cls)
    return {
        field.name: (
            hints[field.name],
            field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING,
        )
        for field in dataclasses.fields(cls)
    }


def _read_object(cls: type[Document], document: Any, place: str) -> Document:
    if not isinstance(document, Mapping):
        raise _wrong(place, "an object")
    values: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    shape = _shape(cast(Any, cls))
    for name, value in document.items():
        if name == "v" or (value is None and name in shape):
            continue
        if name in shape and name != "extra":
            values[name] = _read(shape[name][0], value, f"{place}/{name}")
        else:
            extra[name] = value
    for name, (_, optional) in shape.items():
        if not optional and name not in values:
            raise _wrong(f"{place}/{name}", "a value")
    if "extra" in shape:
        values["extra"] = extra
    return cls(**values)


def _read(kind: Any, value: Any, place: str) -> Any:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _read(next(k for k in typing.get_args(kind) if k is not type(None)), value, place)
    if origin is tuple:
        if not isinstance(value, list):
            raise _wrong(place, "a list")
        return tuple(_read(typing.get_args(kind)[0], v, f"{place}/{i}") for i, v in enumerate(value))
    if kind is Any or origin is not None:
        return value
    if issubclass(kind, Document):
        return _read_object(kind, value, place)
    if kind is datetime and isinstance(value, str):
        return parse_time(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    raise _wrong(place, {"str": "text", "bool": "true or false"}.get(kind.__name__, f"a {kind.__name__}"))


def _wrong(place: str, expected: str) -> Malformed:
    return Malformed(f"expected {expected}", reason="bad_member", place=place)
