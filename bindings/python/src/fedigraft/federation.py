"""The friendly face: one object that joins the host's users, posts and database to the fediverse.

The host answers what it is asked (``@fed.profile``, ``@fed.post``, ``@fed.posts``), is told what happened
(``@fed.on``), says what its users do (``fed.publish`` …), and puts ``fed.wsgi`` or ``fed.asgi`` in front of
its application. With an open connection an action joins the host's transaction and commits nothing itself.
"""

from __future__ import annotations

import functools
import logging
import os
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, overload

from . import commit
from .actions import Actions
from .asgi import ASGI, App
from .database import Connect, Connection, Database
from .errors import InvalidArgument, Refused
from .events import Event
from .exchange import Driver
from .fetch import Network
from .host import Alone, Host, Joined, event_class
from .inbound import Inbound
from .instance import Instance, Policy
from .model import Post, Posts, Profile
from .steps import Done, Fetch, Fetched, Wanted
from .worker import Worker
from .wsgi import WSGI

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger("fedigraft")

E = TypeVar("E", bound=Event)
ProfileLoad = TypeVar("ProfileLoad", bound=Callable[[Any, str], "Profile | Mapping[str, Any] | None"])
PostLoad = TypeVar("PostLoad", bound=Callable[[Any, str], "Post | Mapping[str, Any] | None"])
PostsLoad = TypeVar("PostsLoad", bound=Callable[[Any, str, "str | None"], "Posts | Mapping[str, Any] | None"])
BlockedLoad = TypeVar("BlockedLoad", bound=Callable[[Any, str], bool])


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up found: a profile, or a post with its author's ``profile``.

    ``uri`` names it; ``local`` is the host's own id when it is one of its own.
    """

    uri: str
    profile: Profile | None = None
    post: Post | None = None
    local: str | None = None


class Federation(Actions):
    """Federation for one server.

    Args:
        origin: scheme, host and port of every id, such as ``https://chirp.example``.
        database: a function that opens a new connection to the host's database (or gives a context manager
            of one), or the path of a SQLite file to keep for itself.
        name, description, account_domain, aliases, paths, software, policy, open_registrations: as for
            ``Instance``.
        fetch: makes requests in place of the default fetcher; must raise ``FetchFailed`` when it cannot.
        ca_file: certificates for the default fetcher to trust beside the system's, as PEM.
        most_fetching: how many requests from elsewhere may wait for a fetch at once; further ones are
            answered 503, so that slow strangers never hold all of the site's workers.
        paramstyle: PEP 249's word for the database driver's parameters, when its connections do not tell.
        clock: the time in seconds since the epoch.
    """

    def __init__(
        self,
        origin: str,
        *,
        database: Connect | str | os.PathLike[str],
        name: str = "",
        description: str = "",
        account_domain: str | None = None,
        aliases: Sequence[str] = (),
        paths: Mapping[str, str] | None = None,
        software: Mapping[str, str] | None = None,
        policy: Policy = "strict",
        open_registrations: bool = False,
        fetch: Callable[[Fetch], Fetched] | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        most_fetching: int = 4,
        paramstyle: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._open = functools.partial(
            Instance,
            origin,
            name=name,
            description=description,
            account_domain=account_domain,
            aliases=aliases,
            paths=paths,
            software=software,
            policy=policy,
            open_registrations=open_registrations,
        )
        with self._open() as opened:  # a mistake in the configuration shows here, not at the first request
            seconds = float(opened.described["policy"]["fetch_seconds"])
        network = Network(timeout=seconds, ca_file=ca_file)
        given_async = network.fetch_async if fetch is None else None
        given_fetch = fetch or network.fetch
        self._host = Host()
        self._driver = Driver(given_fetch, given_async, clock)
        self._inbound_driver = Driver(given_fetch, given_async, clock, most_fetching)
        self._workers: weakref.WeakSet[Worker] = weakref.WeakSet()
        self.database = Database(database, paramstyle=paramstyle)

    @functools.cached_property
    def instance(self) -> Instance:
        """The instance, opened at first use with the loads that are registered by then."""
        try:
            instance = self._open(loads=self._host.names())
        except InvalidArgument as error:
            if error.reason == "missing_load":
                raise InvalidArgument(
                    f"{error.message}: register it with @fed.profile, @fed.post, @fed.posts",
                    reason=error.reason,
                    place=error.place,
                ) from error
            raise
        for warning in instance.described.get("warnings", ()):
            log.warning("%s", warning)
        return instance

    # What the host answers.

    def profile(self, function: ProfileLoad) -> ProfileLoad:
        """Registers ``(connection, key) -> Profile | None``. The key is a profile's id, or ``@username``."""
        self._host.answer("profile", function)
        return function

    def post(self, function: PostLoad) -> PostLoad:
        """Registers ``(connection, id) -> Post | None``."""
        self._host.answer("post", function)
        return function

    def posts(self, function: PostsLoad) -> PostsLoad:
        """Registers ``(connection, profile id, cursor) -> Posts``: public posts, newest first.

        The cursor is ``None`` for the first page, then the ``next`` of the page before.
        """
        self._host.answer("posts", function)
        return function

    def blocked(self, function: BlockedLoad) -> BlockedLoad:
        """Registers ``(connection, key) -> bool``: whether a host name or an actor's URI is blocked."""
        self._host.answer("blocked", function)
        return function

    @overload
    def on(self, *events: type[E]) -> Callable[[Callable[[Any, E], Any]], Callable[[Any, E], Any]]: ...
    @overload
    def on(self, *events: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]: ...

    def on(self, *events: Any) -> Any:
        """Registers a handler ``(connection, event)`` for one or several events, by their class or name.

        It runs inside the transaction that stores what came with the event; if it raises, nothing is stored
        and the sender tries again.
        """
        kinds = [event_class(event) for event in events]

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            for kind in kinds:
                self._host.handle(kind, function)
            return function

        return register

    # What local users do, beside the actions by name.

    def perform(self, action: Mapping[str, Any], *, connection: Connection | None = None) -> dict[str, Any]:
        """Does any action of the core.

        With ``connection`` everything is read and written there, and the host commits. Without, a connection
        is opened, committed and closed.

        Raises:
            Refused: ``fetch_in_transaction`` when something has to be fetched first and ``connection`` is
                given: no transaction stays open while the network is waited for. Call ``look_up`` before it.
        """
        exchange = self.instance.perform(self._driver.now(), action)
        if connection is None:
            return self._finish(self._driver.run(exchange, Alone(self._host, self.database)))
        with exchange:
            session = self.database.join(connection)
            driver = Driver(_no_fetch, None, self._driver.now)
            done = driver.run(exchange, Joined(self._host, session))
            commit.apply(session, done, self._host.handlers, self._driver.now())
        return dict(done.result or {})

    def look_up(self, query: str) -> Found | None:
        """Finds a profile or a post by ``@user@domain`` or URL, here or elsewhere. May fetch.

        Raises:
            InvalidArgument: the text is neither a handle nor a URL.
            Failed: a server could not be reached; ``retryable`` says whether to try again.
        """
        exchange = self.instance.look_up(self._driver.now(), query)
        return _found(self._finish(self._driver.run(exchange, Alone(self._host, self.database))))

    # The two ends: requests that come in, work that goes out.

    def wsgi(self, app: WSGIApplication) -> WSGI:
        """The WSGI application with federation in front of it."""
        return WSGI(app, lambda: self.inbound)

    def asgi(self, app: App) -> ASGI:
        """The ASGI application with federation in front of it."""
        return ASGI(app, lambda: self.inbound)

    @functools.cached_property
    def inbound(self) -> Inbound:
        """Answers requests; for a server interface that is neither WSGI nor ASGI."""
        return Inbound(self.instance, self._inbound_driver, self._host, self.database, self._wake)

    def worker(self, *, threads: int = 2, poll: float = 1.0) -> Worker:
        """A worker for this process: ``with fed.worker(): …``."""
        worker = Worker(
            lambda: self.instance, self._driver, self._host, self.database, threads=threads, poll=poll
        )
        self._workers.add(worker)
        return worker

    def work(self, *, threads: int = 2) -> None:
        """Runs jobs and deliveries until SIGTERM: what ``python -m fedigraft work module:fed`` does."""
        self.worker(threads=threads).run()

    def drain(self) -> int:
        """Runs jobs and deliveries on this thread until nothing is due; gives the number of runs."""
        return self.worker().drain()

    def own(self, load: str, key: str, *, connection: Connection | None = None) -> dict[str, Any]:
        """The host's post or profile with this key, as its load tells it."""
        wanted = Wanted(load, key)
        if connection is not None:
            found = self._host.load(self.database.join(connection), wanted, self._driver.now())
        else:
            with self.database.session() as session:
                found = self._host.load(session, wanted, self._driver.now())
        if found is None:
            raise InvalidArgument(
                f"the host's `{load}` load has nothing for this key", reason="not_found", place=load
            )
        return dict(found["value"])

    def _finish(self, done: Done) -> dict[str, Any]:
        if commit.has_effects(done):
            with self.database.transaction() as session:
                commit.apply(session, done, self._host.handlers, self._driver.now())
            self._wake()
        return dict(done.result or {})

    def _wake(self) -> None:
        for worker in list(self._workers):
            worker.wake()


def _no_fetch(step: Fetch) -> Fetched:
    raise Refused(
        "this needs a document from another server, and a transaction is open; call look_up() with the URI "
        "before the transaction begins",
        reason="fetch_in_transaction",
    )


def _found(result: Mapping[str, Any]) -> Found | None:
    if not result:
        return None
    profile, post = result.get("profile"), result.get("post")
    return Found(
        uri=result.get("uri") or (post or profile or {}).get("id", ""),
        profile=Profile.from_json(profile) if profile else None,
        post=Post.from_json(post) if post else None,
        local=result.get("local"),
    )
