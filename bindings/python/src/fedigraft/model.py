"""The native model: posts and profiles, as a host maps them to its tables without knowing ActivityPub.

A *local* document comes from the host: its ``id`` is the host's own key. A *remote* one comes from the
network: its ``id`` is a URI and its text is sanitised HTML. All are immutable; ``dataclasses.replace`` makes
a changed copy. The fields are those of the Rust types ``fedigraft::model``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from .document import Document

Visibility: TypeAlias = Literal["public", "unlisted", "followers", "direct"]
Format: TypeAlias = Literal["plain", "markdown", "html"]
ProfileKind: TypeAlias = Literal["person", "group", "service", "organization", "application"]


@dataclass(frozen=True, slots=True)
class Content(Document):
    """A text and how it is written: ``plain``, ``markdown`` (CommonMark) or ``html``."""

    text: str = ""
    format: Format = "plain"


@dataclass(frozen=True, slots=True)
class Mention(Document):
    """Somebody named in a post. For a local post a handle or a URI is enough."""

    handle: str | None = None
    uri: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Emoji(Document):
    """A custom emoji: a picture for ``:shortcode:``."""

    shortcode: str
    url: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Media(Document):
    """A picture, sound, video or file of a post.

    ``url`` may be a path on the instance's origin. ``alt`` says what it shows; ``width`` and ``height`` are
    pixels, ``duration`` seconds; ``focal_point`` is the point to keep when cropping, x and y from -1 (left,
    bottom) to 1.
    """

    url: str
    media_type: str | None = None
    alt: str | None = None
    width: int | None = None
    height: int | None = None
    blurhash: str | None = None
    focal_point: tuple[float, ...] | None = None
    duration: float | None = None


@dataclass(frozen=True, slots=True)
class Link(Document):
    """A link a post is about."""

    url: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class PollOption(Document):
    """One answer of a poll, and how many chose it when that is told."""

    title: str
    votes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll(Document):
    """The poll of a ``question``. Only read so far: a local post cannot have one."""

    options: tuple[PollOption, ...]
    multiple: bool = False
    ends: datetime | None = None
    closed: datetime | None = None
    voters: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionRule(Document):
    """Who is allowed at once and who after the author agrees.

    Each entry is ``public``, ``followers``, ``following``, ``author`` or a URI.
    """

    automatic: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionPolicy(Document):
    """Who may reply to, like, share and quote a post. A rule that is ``None`` says nothing."""

    reply: InteractionRule | None = None
    like: InteractionRule | None = None
    share: InteractionRule | None = None
    quote: InteractionRule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post(Document):
    """A post.

    Attributes:
        id: local: the host's key, which goes into the URI. Remote: the object's URI.
        author: local: the profile's id. Remote: the actor's URI.
        visibility: who may see it. There is no default: a post without it is refused.
        content: the text.
        kind: ``note``, ``article``, ``question``, ``page``, ``image``, ``video``, ``audio``, ``event`` or,
            on a remote post, any other word.
        url: the page to read it on; the instance's ``post_page`` when absent.
        in_reply_to: the post it answers: a URI, or the host's post id.
        quote: the post it quotes: a URI, or the host's post id.
        title: plain text; an article has one.
        spoiler: the content warning before the text, plain text.
        sensitive: media are hidden until asked for.
        language: a BCP 47 tag such as ``en`` or ``pt-BR``.
        mentions: who is mentioned; those of the text are found without help.
        hashtags: without ``#``; those of the text are found without help.
        updated: when it was last edited; an edit needs it.
        not_before: do not deliver before this time, in seconds since the epoch. Never leaves the server.
        extra: members of a stored document that this version does not know. Never rendered.
    """

    id: str
    author: str
    visibility: Visibility
    content: Content = field(default_factory=Content)
    kind: str = "note"
    url: str | None = None
    in_reply_to: str | None = None
    quote: str | None = None
    title: str | None = None
    spoiler: str | None = None
    sensitive: bool = False
    language: str | None = None
    mentions: tuple[Mention, ...] = ()
    hashtags: tuple[str, ...] = ()
    emojis: tuple[Emoji, ...] = ()
    media: tuple[Media, ...] = ()
    links: tuple[Link, ...] = ()
    poll: Poll | None = None
    published: datetime | None = None
    updated: datetime | None = None
    interaction_policy: InteractionPolicy | None = None
    not_before: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Image(Document):
    """A picture of a profile. ``url`` may be a path on the instance's origin."""

    url: str
    media_type: str | None = None
    alt: str | None = None


@dataclass(frozen=True, slots=True)
class Field(Document):
    """A line of a profile: a label and a text or URL."""

    name: str
    value: str
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Document):
    """A person, group, bot or organisation.

    Attributes:
        id: local: the host's permanent key; a rename never changes the actor. Remote: the actor's URI.
        username: the name in the handle. May change.
        federated: takes part in federation. ``False`` unless you say so: then nothing of it is served.
        locked: followers wait for approval.
        discoverable: may be shown in directories.
        indexable: public posts may be found by search.
        handle: such as ``@alice@example.com``; worked out for local profiles.
        moved_to: the URI of the actor this one moved to.
        also_known_as: URIs of other actors of the same person.
        url: the page to see it on; the instance's ``profile_page`` when absent.
        extra: members of a stored document that this version does not know. Never rendered.
    """

    id: str
    username: str
    display_name: str = ""
    bio: Content = field(default_factory=Content)
    avatar: Image | None = None
    header: Image | None = None
    fields: tuple[Field, ...] = ()
    kind: ProfileKind = "person"
    federated: bool = False
    locked: bool = False
    discoverable: bool = False
    indexable: bool = False
    handle: str | None = None
    moved_to: str | None = None
    also_known_as: tuple[str, ...] = ()
    created: datetime | None = None
    url: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Posts:
    """A page of posts, newest first: the answer to ``posts``.

    ``next`` is the cursor of the page after this one, ``None`` on the last; ``total`` counts all public
    posts.
    """

    items: tuple[Post, ...]
    next: str | None = None
    total: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The JSON object, as plain Python values."""
        return {"items": [post.to_json() for post in self.items], "next": self.next, "total": self.total}
