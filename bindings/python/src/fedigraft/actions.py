"""What local users do, by name: the friendly methods of ``Federation``.

A post or a profile is given as such, or by the host's key: then its load is asked, in the same transaction.
The post that is liked or shared is named by its URI, one of the host's own by its key too.

Each gives the core's result, such as ``{"federated": True, "uri": …}``. With ``connection`` it joins that
transaction and commits nothing; without, it commits by itself. ``follow``, ``accept``, ``like`` and their
opposites may have to fetch an actor that is not known yet.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, TypeAlias

from .database import Connection
from .document import Document
from .model import Post, Profile

#: How the host names one of its own posts or profiles: its primary key.
OwnKey: TypeAlias = str | int


class Actions(ABC):
    """The actions, on top of ``perform``."""

    @abstractmethod
    def perform(self, action: Mapping[str, Any], *, connection: Connection | None = None) -> dict[str, Any]:
        """Does any action of the core."""

    @abstractmethod
    def own(self, load: str, key: str, *, connection: Connection | None = None) -> dict[str, Any]:
        """The host's post or profile with this key, as its load tells it."""

    def publish(self, post: Post | OwnKey, *, connection: Connection | None = None) -> dict[str, Any]:
        """Sends a new post to whom it concerns. Never fetches."""
        return self._with("publish", "post", post, connection)

    def update(self, post: Post | OwnKey, *, connection: Connection | None = None) -> dict[str, Any]:
        """Sends an edit; ``post.updated`` says when. Never fetches."""
        return self._with("update", "post", post, connection)

    def delete(self, post: Post | OwnKey, *, connection: Connection | None = None) -> dict[str, Any]:
        """Tells everybody who got the post that it is gone. Never fetches. By key: before its row goes."""
        return self._with("delete", "post", post, connection)

    def follow(self, profile: OwnKey, actor: str, *, connection: Connection | None = None) -> dict[str, Any]:
        """The local profile asks to follow the remote actor."""
        return self._between("follow", profile, actor, connection)

    def unfollow(
        self, profile: OwnKey, actor: str, *, connection: Connection | None = None
    ) -> dict[str, Any]:
        """The local profile follows the remote actor no longer."""
        return self._between("unfollow", profile, actor, connection)

    def accept(self, profile: OwnKey, actor: str, *, connection: Connection | None = None) -> dict[str, Any]:
        """The local profile lets the remote actor follow."""
        return self._between("accept", profile, actor, connection)

    def reject(self, profile: OwnKey, actor: str, *, connection: Connection | None = None) -> dict[str, Any]:
        """The local profile does not let the remote actor follow, or not any more."""
        return self._between("reject", profile, actor, connection)

    def like(self, profile: OwnKey, post: OwnKey, *, connection: Connection | None = None) -> dict[str, Any]:
        """The local profile likes a post. One of the host's own: nobody elsewhere is told."""
        return self._about("like", profile, post, connection)

    def unlike(
        self, profile: OwnKey, post: OwnKey, *, connection: Connection | None = None
    ) -> dict[str, Any]:
        """The local profile takes its like back."""
        return self._about("unlike", profile, post, connection)

    def share(self, profile: OwnKey, post: OwnKey, *, connection: Connection | None = None) -> dict[str, Any]:
        """The local profile shares (boosts) a public post."""
        return self._about("share", profile, post, connection)

    def unshare(
        self, profile: OwnKey, post: OwnKey, *, connection: Connection | None = None
    ) -> dict[str, Any]:
        """The local profile takes its share back."""
        return self._about("unshare", profile, post, connection)

    def update_profile(
        self, profile: Profile | OwnKey, *, connection: Connection | None = None
    ) -> dict[str, Any]:
        """Tells followers that a profile changed."""
        return self._with("update_profile", "profile", profile, connection)

    def delete_profile(
        self, profile: Profile | OwnKey, *, connection: Connection | None = None
    ) -> dict[str, Any]:
        """Tells followers that a profile is gone for good. Its id can never be used again."""
        return self._with("delete_profile", "profile", profile, connection)

    def _with(
        self, kind: str, load: str, given: Post | Profile | OwnKey, connection: Connection | None
    ) -> dict[str, Any]:
        if isinstance(given, Document):
            document = given.to_json()
        else:
            document = self.own(load, str(given), connection=connection)
        return self.perform({"type": kind, load: document}, connection=connection)

    def _between(
        self, kind: str, profile: OwnKey, actor: str, connection: Connection | None
    ) -> dict[str, Any]:
        return self.perform({"type": kind, "profile": str(profile), "actor": actor}, connection=connection)

    def _about(
        self, kind: str, profile: OwnKey, post: OwnKey, connection: Connection | None
    ) -> dict[str, Any]:
        return self.perform(
            {"type": kind, "profile": str(profile), "object": str(post)}, connection=connection
        )
