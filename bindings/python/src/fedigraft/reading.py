"""Reading foreign documents: posts, profiles and activities from the wire, and their HTML.

None of these needs an instance, and none proves who wrote a document: that is the exchange's work.
"""

from __future__ import annotations

from typing import Any

from ._lib import call_bytes, call_json, library, span
from .model import Post, Profile


def read_post(data: bytes | str) -> Post:
    """Reads an ActivityPub object as a post; its HTML is sanitised.

    Raises:
        Malformed, Unsupported, TooLarge: it is not one, of another kind, or over a bound.
    """
    return Post.from_json(call_json(library.fedigraft_post_read, *span(data))["post"])


def read_profile(data: bytes | str) -> Profile:
    """Reads an ActivityPub actor as a profile; its HTML is sanitised.

    Raises:
        Malformed, Unsupported, TooLarge: it is not one, of another kind, or over a bound.
    """
    return Profile.from_json(call_json(library.fedigraft_profile_read, *span(data))["profile"])


def read_activity(data: bytes | str) -> dict[str, Any]:
    """Reads an activity: ``id``, ``type``, ``actor``, ``object``, ``others``, ``target``, ``to``, ``cc``,
    ``published``. An object is its URI or the document itself.

    Raises:
        Malformed: it is not one.
    """
    return dict(call_json(library.fedigraft_activity_read, *span(data)))


def sanitise(html: str) -> str:
    """Foreign HTML with everything removed but what a post may have."""
    return call_bytes(library.fedigraft_html_sanitise, *span(html)).decode()


def html_to_text(html: str) -> str:
    """The plain text of HTML, for notifications and search."""
    return call_bytes(library.fedigraft_html_to_text, *span(html)).decode()
