"""Events: what an incoming message means to the host, in the native model, past tense.

``read`` turns the JSON of a ``done`` step into one of these classes. ``actor`` is always the remote one who
did it. Handlers are chosen by class or by name: ``@fed.on(PostCreated)``, ``@fed.on("post_created")``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .document import Document
from .model import Post, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Document):
    """Something happened, ``at`` seconds since the epoch. ``extra`` has what this version does not know."""

    type: ClassVar[str] = ""

    at: int
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote(Event):
    """What somebody elsewhere did: ``actor``."""

    actor: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowRequested(Remote):
    """``actor`` wants to follow the local profile and waits for ``accept`` or ``reject``."""

    profile: str
    follow: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed(Remote):
    """``actor`` follows the local profile; it was accepted by itself."""

    profile: str
    follow: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfollowed(Remote):
    """``actor`` no longer follows the local profile."""

    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowAccepted(Remote):
    """``actor`` let the local profile follow."""

    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowRejected(Remote):
    """``actor`` does not let the local profile follow, or not any more."""

    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostCreated(Remote):
    """A post arrived.

    ``reply_to`` is the local post it answers, ``mentioned`` lists the ids of local profiles it names, and
    ``followers`` is true when it came because local profiles follow its author.
    """

    post: Post
    reply_to: str | None = None
    mentioned: tuple[str, ...] = ()
    followers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PostUpdated(Remote):
    """A post was edited."""

    post: Post


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDeleted(Remote):
    """The post with this URI is gone."""

    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Liked(Remote):
    """``actor`` likes the local post, which ``uri`` names too."""

    post: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unliked(Remote):
    """``actor`` no longer likes the local post, which may be gone by now."""

    post: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared(Remote):
    """``actor`` shared a post: the local one ``post``, or ``remote_post`` by ``author``; ``uri`` names it."""

    uri: str
    post: str | None = None
    remote_post: Post | None = None
    author: Profile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unshared(Remote):
    """``actor`` took a share back. ``uri`` names the shared post, ``post`` is the local one if it was."""

    uri: str
    post: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileUpdated(Remote):
    """``actor`` changed; it is the new profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDeleted(Remote):
    """The remote profile with this URI is gone, with everything of it."""

    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed(Event):
    """The delivery of an activity (its URI) to an inbox was given up."""

    activity: str
    inbox: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownEvent(Event):
    """An event of a newer library; ``extra`` is the whole of it."""


def _name(kind: type[Event]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


CLASSES: dict[str, type[Event]] = {
    _name(kind): kind
    for kind in (
        FollowRequested,
        Followed,
        Unfollowed,
        FollowAccepted,
        FollowRejected,
        PostCreated,
        PostUpdated,
        PostDeleted,
        Liked,
        Unliked,
        Shared,
        Unshared,
        ProfileUpdated,
        ProfileDeleted,
        DeliveryFailed,
    )
}
for _type, _kind in CLASSES.items():
    _kind.type = _type


def read(document: Mapping[str, Any]) -> Event:
    """Reads one event of a ``done`` step."""
    kind = CLASSES.get(document.get("type", ""))
    if kind is None:
        return UnknownEvent(at=int(document.get("at", 0)), extra=document)
    return kind.from_json({name: value for name, value in document.items() if name != "type"})
