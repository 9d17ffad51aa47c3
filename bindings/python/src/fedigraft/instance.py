"""The instance: who the host is on the network, and everything that is done in its name.

An immutable handle, safe on any thread. The first half are primitives, each useful alone; the second half
opens exchanges, which a ``Driver`` plays to their end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ._handle import Handle
from ._lib import call_bytes, call_handle, call_json, document, library, span
from .exchange import Exchange
from .keys import PublicKey
from .model import Content, Post, Profile
from .request import Request
from .steps import Headers

Policy: TypeAlias = "str | Mapping[str, Any]"


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes, told from its head alone.

    ``ours`` is false for the host's own pages; then ``headers`` are to be added to its answer. ``max_body``
    is the most bytes of a body that are read.
    """

    ours: bool
    headers: Headers = ()
    endpoint: str = ""
    max_body: int = 0


class Instance(Handle):
    """A server on the network.

    Args:
        origin: scheme, host and port of every id, such as ``https://chirp.example``.
        name: of the site, for people.
        description: one paragraph about the site, plain text.
        account_domain: the domain in ``@user@domain`` when it is not the origin's host.
        aliases: further origins that reach this server.
        paths: URL templates, such as ``{"post_page": "/@{username}/{id}"}``.
        software: what the server calls itself: ``name``, ``version``, ``repository``, ``homepage``.
        policy: ``strict``, ``development`` (plain HTTP, any port, loopback) or ``{"base": …}`` with numbers.
        loads: the names the host answers; without them only the primitives work.
        open_registrations: whether anybody may sign up.

    Raises:
        InvalidArgument: the configuration is wrong; ``place`` says where.
    """

    __slots__ = ("described",)

    def __init__(
        self,
        origin: str,
        *,
        name: str = "",
        description: str = "",
        account_domain: str | None = None,
        aliases: Sequence[str] = (),
        paths: Mapping[str, str] | None = None,
        software: Mapping[str, str] | None = None,
        policy: Policy = "strict",
        loads: Sequence[str] | None = None,
        open_registrations: bool = False,
    ) -> None:
        config: dict[str, Any] = {
            "origin": origin,
            "name": name,
            "description": description,
            "aliases": list(aliases),
            "policy": policy if isinstance(policy, str) else dict(policy),
            "open_registrations": open_registrations,
        }
        if account_domain is not None:
            config["account_domain"] = account_domain
        if paths is not None:
            config["paths"] = dict(paths)
        if software is not None:
            config["software"] = dict(software)
        if loads is not None:
            config["loads"] = list(loads)
        made = call_handle(library.fedigraft_instance_new, *document(config))
        super().__init__(made, library.fedigraft_instance_free)
        #: What the instance came to: ``origin``, ``hosts``, ``account_domain``, ``policy``, ``warnings`` ….
        self.described: dict[str, Any] = self._json(library.fedigraft_instance_describe)

    @property
    def is_development(self) -> bool:
        """True when the policy allows plain HTTP, any port and loopback addresses."""
        return bool(self.described["policy"]["local_network"])

    def uri(self, kind: str, key: str = "") -> str:
        """One of the instance's own URIs.

        ``kind`` is ``actor``, ``inbox``, ``outbox``, ``followers``, ``following`` or ``key`` with a profile
        id; ``post`` with a post id; ``activity`` with its id; ``tag_page`` with a hashtag; ``handle`` with a
        username; ``shared_inbox``, ``instance_actor`` or ``instance_key`` without.
        """
        made = call_bytes(library.fedigraft_instance_uri, self._pointer, *span(kind), *span(key))
        return made.decode()

    def render_profile(self, profile: Profile, public_key: PublicKey) -> dict[str, Any]:
        """A local profile as an ActivityPub actor."""
        written = document(profile.to_json())
        return dict(self._json(library.fedigraft_profile_render, *written, public_key._pointer))

    def render_post(self, profile: Profile, post: Post) -> dict[str, Any]:
        """A local post of ``profile`` as an ActivityPub object."""
        written = document(profile.to_json()), document(post.to_json())
        return dict(self._json(library.fedigraft_post_render, *written[0], *written[1]))

    def render_webfinger(self, profile: Profile) -> dict[str, Any]:
        """The WebFinger document of a local profile (RFC 7033)."""
        return dict(self._json(library.fedigraft_webfinger_render, *document(profile.to_json())))

    def render_nodeinfo(self, version: str = "2.1", usage: Mapping[str, int] | None = None) -> dict[str, Any]:
        """The NodeInfo document, version ``2.0`` or ``2.1``.

        ``usage`` are the numbers to publish: ``users``, ``active_month``, ``active_halfyear``,
        ``local_posts``, ``local_comments``.
        """
        numbers = document(dict(usage)) if usage else span(b"")
        return dict(self._json(library.fedigraft_nodeinfo_render, *span(version), *numbers))

    def content_to_html(self, content: Content) -> dict[str, Any]:
        """A text as the HTML that travels: ``html``, ``mentions``, ``hashtags`` and ``links``."""
        return dict(self._json(library.fedigraft_content_to_html, *document(content.to_json())))

    def route(self, request: Request) -> Route:
        """Whether a request is for fedigraft. Looks at the head alone."""
        found = self._json(library.fedigraft_route, *document(request.head()))
        headers = tuple((name, value) for name, value in found.get("headers") or ())
        return Route(found["ours"], headers, found.get("endpoint") or "", found.get("max_body") or 0)

    def receive(self, now: int, request: Request) -> Exchange:
        """Answers a request that ``route`` called ours."""
        return self._exchange(library.fedigraft_receive, now, *document(request.head()), *span(request.body))

    def perform(self, now: int, action: Mapping[str, Any]) -> Exchange:
        """Does what a local user does: ``publish``, ``follow`` ….

        Raises:
            InvalidArgument, Refused: the action is wrong or not allowed.
        """
        return self._exchange(library.fedigraft_perform, now, *document(dict(action)))

    def look_up(self, now: int, query: str) -> Exchange:
        """Finds what a handle or a URL names."""
        return self._exchange(library.fedigraft_look_up, now, *span(query))

    def resume(self, now: int, job: Mapping[str, Any]) -> Exchange:
        """Goes on with a job."""
        return self._exchange(library.fedigraft_resume, now, *document(dict(job)))

    def send(self, now: int, delivery: Mapping[str, Any]) -> Exchange:
        """Tries a delivery."""
        return self._exchange(library.fedigraft_send, now, *document(dict(delivery)))

    def _exchange(self, function: Callable[..., int], now: int, *arguments: Any) -> Exchange:
        return Exchange(call_handle(function, self._pointer, now, *arguments))

    def _json(self, function: Callable[..., int], *arguments: Any) -> Any:
        return call_json(function, self._pointer, *arguments)
