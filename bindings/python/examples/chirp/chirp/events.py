"""What happens in chirp, as signals (blinker). chirp's own notifications hang on them, and so may anything else.

Each is sent with the app as sender, INSIDE the open transaction, with `db` (the connection): what a
subscriber writes through `db` is committed or rolled back together with what happened. A subscriber must be
quick and must not go to the network; `db.after_commit(action)` is for what has to wait for the commit.
One that raises undoes everything; what it raises with `flask.abort` is shown to the visitor.

The same signals are sent for people from elsewhere; `ours` leaves those out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from blinker import Namespace, Signal
from flask import Flask
from flask.globals import app_ctx

_all = Namespace()

post_published = _all.signal("post-published")  # db, post
post_edited = _all.signal("post-edited")  # db, post (as it is now)
post_deleted = _all.signal("post-deleted")  # db, post (the row is still there)
followed = _all.signal("followed")  # db, follower, followee, state: "pending" | "accepted"
unfollowed = _all.signal("unfollowed")  # db, follower, followee (a withdrawn request too)
follow_answered = _all.signal("follow-answered")  # db, follower, followee, accepted: bool
liked = _all.signal("liked")  # db, person, post
unliked = _all.signal("unliked")  # db, person, post
boosted = _all.signal("boosted")  # db, person, post
unboosted = _all.signal("unboosted")  # db, person, post
profile_edited = _all.signal("profile-edited")  # db, person (as it is now)

# Someone looks for a full handle ("@bob@site.example") or a URL that chirp does not know. The one signal that
# is sent OUTSIDE any transaction, because finding out may take seconds. Argument: query. A subscriber that
# knows more stores it in a transaction of its own and returns the Person or Post; others return None.
unknown_address = _all.signal("unknown-address")


def ours(app: Flask, signal: Signal, subscriber: Callable[..., object]) -> None:
    """Call `subscriber` with the signal's arguments whenever it was one of our own people."""

    def hear(_app: Flask, **values: Any) -> None:
        if _who(values).local:
            subscriber(**values)

    signal.connect(hear, sender=app, weak=False)


def _who(values: dict[str, Any]) -> Any:
    """Who did it: the one asked for an answer, else who follows, likes, boosts, edits or writes."""
    if "accepted" in values:
        return values["followee"]
    return values.get("follower") or values.get("person") or values["post"].author


def announce(signal: Signal, **values: Any) -> list[Any]:
    """Send `signal` for the running app. Returns the subscribers' answers."""
    return [answer for _receiver, answer in signal.send(app_ctx.app, **values)]
