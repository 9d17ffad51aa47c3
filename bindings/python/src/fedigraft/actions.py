"""What local users do, by name: the friendly methods of ``Federation``.

Each gives the core's result, such as ``{"federated": True, "uri": …}``. With ``connection`` it joins that
transaction and commits nothing; without, it commits by itself. ``follow``, ``accept``, ``like`` and their
opposites may have to fetch an actor that is not known yet.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from .database import Connection
from .model import Post, Profile


class Actions(ABC):
    """The actions, on top of ``perform``."""

    @abstractmethod
    def perform(self, action: Mapping[str, Any], *, connection: Connection | None = None) -> dict[str, Any]:
        """Does any action of the core."""

    def publish(self, post: Post, *, connection: Connection | None = None) -> dict[str, Any]:
        """Sends a new post to whom it concerns. Never fetches."""
        return self.perform({"type": "publish", "post": post.to_json()}, connection=connection)

    def update(self, post: Post, *, connection: Connection | None = None) -> dict[str, Any]:
        """Sends an edit; ``post.updated`` says when. Never fetches."""
        return self.perform({"type": "update", "post": post.to_json()}, connection=connection)

    def delete(self, post: Post, *, connection: Connection | None = None) -> dict[str, Any]:
        """Tells everybody who got the post that it is gone. Never fetches."""
        return self.perform({"type": "delete", "post": post.to_json()}, connection=connection)

    def follow(self, profile: str, actor: str, *, connection: Connection | None = None) -> dict[str, Any]:
        """The local profile asks to follow the remote actor."""
        return self._between("follow", profile, actor, connection)

    def unfollow(self, profile: str, actor: str, *, connection: Connection | None = None) -> dict[str, Any]:
        """The local profile follows the remote actor no longer."""
        return self._between("unfollow", profile, actor, connection)

    def accept(self, profile: str, actor: str, *, connection: Connection | None = None) -> dict[str, Any]:
        """The local profile lets the remote actor follow."""
        return self._between("accept", profile, actor, connection)

    def reject(self, profile: str, actor: str, *, connection: Connection | None = None) -> dict[str, Any]:
        """The local profile does not let the remote actor follow, or not any more."""
        return self._between("reject", profile, actor, connection)

    def like(self, profile: str, uri: str, *, connection: Connection | None = None) -> dict[str, Any]:
        """The local profile likes a remote post."""
        return self._about("like", profile, uri, connection)

    def unlike(self, profile: str, uri: str, *, connection: Connection | None = None) -> dict[str, Any]:
        """The local profile takes its like back."""
        return self._about("unlike", profile, uri, connection)

    def share(self, profile: str, uri: str, *, connection: Connection | None = None) -> dict[str, Any]:
        """The local profile shares (boosts) a public post."""
        return self._about("share", profile, uri, connection)

    def unshare(self, profile: str, uri: str, *, connection: Connection | None = None) -> dict[str, Any]:
        """The local profile takes its share back."""
        return self._about("unshare", profile, uri, connection)

    def update_profile(self, profile: Profile, *, connection: Connection | None = None) -> dict[str, Any]:
        """Tells followers that a profile changed."""
        return self.perform({"type": "update_profile", "profile": profile.to_json()}, connection=connection)

    def delete_profile(self, profile: Profile, *, connection: Connection | None = None) -> dict[str, Any]:
        """Tells followers that a profile is gone for good. Its id can never be used again."""
        return self.perform({"type": "delete_profile", "profile": profile.to_json()}, connection=connection)

    def _between(self, kind: str, profile: str, actor: str, connection: Connection | None) -> dict[str, Any]:
        return self.perform({"type": kind, "profile": profile, "actor": actor}, connection=connection)

    def _about(self, kind: str, profile: str, uri: str, connection: Connection | None) -> dict[str, Any]:
        return self.perform({"type": kind, "profile": profile, "object": uri}, connection=connection)
