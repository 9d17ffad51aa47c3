"""Starts a Fedify server (``server.mjs``), drives it and reads what it saw.

with Fedify.start(ground, "fedify.test") as peer:
    peer.follow("fred", "@alice@chirp.test")
    note = peer.post("fred", "<p>hello</p>")
    peer.wait_for_activity("Like", object=note["id"])
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ground import NAMES, Ground, clean_environment, wait_for

HERE = Path(__file__).parent
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def node() -> str:
    """The Node to run: the one beside this Python, else the one in the path."""
    beside = Path(sys.executable).parent / "node"
    found = str(beside) if beside.exists() else shutil.which("node")
    if found is None or not (HERE / "node_modules").exists():
        raise RuntimeError("the Fedify peer is not installed: run `make setup`")
    return found


@dataclass
class Fedify:
    """A running Fedify server. Every call is a request to its control port."""

    origin: str
    control: str
    stderr: Path

    @property
    def host(self) -> str:
        """The name of the server, with the port where it is not the usual one."""
        return urlsplit(self.origin).netloc

    @classmethod
    @contextmanager
    def start(
        cls,
        ground: Ground,
        host: str,
        *,
        users: str = "fred,frida",
        first_scheme: str = "cavage",
        authorized_fetch: bool = False,
        locked: bool = False,
    ) -> Iterator[Fedify]:
        """Starts a server for ``host`` (a name of the ground), which ends with the block.

        ``first_scheme`` is "cavage" or "rfc9421": what it tries first on a server it does not know.
        ``locked`` makes follows wait for :meth:`answer`; ``authorized_fetch`` refuses unsigned GETs.
        """
        settings = {
            "NODE_EXTRA_CA_CERTS": str(ground.authority),
            "PEER_HOST": host,
            "PEER_ADDRESS": NAMES[host],
            "PEER_CERTIFICATE": str(ground.certificate(host)),
            "PEER_USERS": users,
            "PEER_FIRST_SCHEME": first_scheme,
            "PEER_AUTHORIZED_FETCH": "1" if authorized_fetch else "0",
            "PEER_LOCKED": "1" if locked else "0",
        }
        with cls.with_settings(settings, ground.folder / f"{host}.log") as peer:
            yield peer

    @classmethod
    @contextmanager
    def with_settings(cls, settings: dict[str, str], log: Path) -> Iterator[Fedify]:
        """Starts a server by the settings of ``settings.mjs``; what it prints goes to ``log``."""
        with log.open("ab") as stderr:
            process = subprocess.Popen(
                [node(), "--no-warnings", str(HERE / "server.mjs")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=clean_environment(PEER_LOG=os.environ.get("PEER_LOG", "warning"), **settings),
                start_new_session=True,  # Ctrl-C is for the one who started it
            )
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            ready = process.stdout.readline()
            if not ready:
                raise RuntimeError(f"the Fedify server did not start:\n{log.read_text()}")
            yield cls(stderr=log, **json.loads(ready))
        finally:
            process.communicate()  # closes its standard input, which ends it
            if os.environ.get("PEER_LOG"):
                print(log.read_text(), file=sys.stderr)

    # What its users do.

    def look_up(self, query: str) -> dict[str, Any]:
        """The ActivityStreams document of a URL or handle, fetched with a signed GET."""
        return self._act("look_up", query=query)

    def follow(self, user: str, who: str) -> dict[str, Any]:
        """Sends a Follow to a handle or actor URI."""
        return self._act("follow", as_=user, who=who)

    def answer(self, user: str, follow: str, *, accept: bool) -> None:
        """Accepts or rejects a Follow that waits (see :meth:`requests`)."""
        self._ask("answer", as_=user, follow=follow, accept=accept)

    def post(self, user: str, content: str, **more: Any) -> dict[str, Any]:
        """Publishes a note with HTML ``content`` and gives the note back.

        ``more``: summary, language, visibility, in_reply_to (URL), mentions (handles), hashtags,
        media ([{"url", "media_type", "alt"}]).
        """
        note: dict[str, Any] = self._act("post", as_=user, content=content, **more)["object"]
        return note

    def update(self, user: str, note: str, content: str) -> dict[str, Any]:
        """Replaces the content of an own note."""
        return self._act("update", as_=user, id=note, content=content)

    def delete(self, user: str, note: str) -> dict[str, Any]:
        """Deletes an own note."""
        return self._act("delete", as_=user, id=note)

    def like(self, user: str, target: str) -> dict[str, Any]:
        """Likes the note at a URL."""
        return self._act("like", as_=user, object=target)

    def announce(self, user: str, target: str) -> dict[str, Any]:
        """Boosts the note at a URL."""
        return self._act("announce", as_=user, object=target)

    def undo(self, user: str, activity: str) -> dict[str, Any]:
        """Takes back the Follow, Like or Announce with this id."""
        return self._act("undo", as_=user, id=activity)

    def repeat(self, user: str, activity: str, times: int) -> None:
        """Sends an activity to the same people again, ``times`` at once."""
        self._ask("repeat", as_=user, id=activity, times=times)

    # What it saw.

    def actor(self, user: str) -> str:
        """The URI of one of its users."""
        return f"{self.origin}/users/{user}"

    def handle(self, user: str) -> str:
        """``@user@host``"""
        return f"@{user}@{self.host}"

    def log(self, direction: str | None = None, **wanted: Any) -> list[dict[str, Any]]:
        """The log, oldest first, narrowed to one direction and to entries with these values.

        Directions: "in" (an activity whose signature was verified), "refused", "out", "error", and
        "request" (every POST, with its signature scheme and the status it got).
        """
        entries: list[dict[str, Any]] = self._ask("log")
        return [
            entry
            for entry in entries
            if direction in (None, entry["direction"])
            and all(entry.get(name) == value for name, value in wanted.items())
        ]

    def wait_for_activity(self, kind: str, /, seconds: float = 20, **wanted: Any) -> dict[str, Any]:
        """Waits for a verified activity, for example ``("Like", object=uri)``, and gives it as received."""
        try:
            seen = wait_for(lambda: self.log("in", type=kind, **wanted), seconds)
        except AssertionError:
            raise AssertionError(
                f"{self.host} did not receive {kind} {wanted or ''} within {seconds:.0f} s.\n{self.story()}"
            ) from None
        document: dict[str, Any] = seen[-1]["document"]
        return document

    def wait_for_note(self, text: str, seconds: float = 20) -> dict[str, Any]:
        """Waits for a verified Create of a note with this text in its HTML, and gives the note."""

        def find() -> dict[str, Any] | None:
            for entry in self.log("in", type="Create"):
                note: Any = entry["document"]["object"]
                if isinstance(note, dict) and text in note.get("content", ""):
                    return note
            return None

        try:
            return wait_for(find, seconds)
        except AssertionError:
            raise AssertionError(f"{self.host} received no note with “{text}”\n{self.story()}") from None

    def story(self) -> str:
        """The last things that happened here, for the message of a test that fails."""
        lines = [json.dumps(entry)[:400] for entry in self.log()[-12:]]
        return "\n".join(
            [f"The log of {self.host} ends:", *lines, *self.stderr.read_text().splitlines()[-20:]]
        )

    def followers(self, user: str) -> list[str]:
        """Actor URIs of the accepted followers."""
        followers: dict[str, list[str]] = self._ask("followers")
        return followers.get(user, [])

    def following(self, user: str) -> list[str]:
        """Actor URIs that accepted a follow of this user."""
        following: dict[str, list[str]] = self._ask("following")
        return following.get(user, [])

    def requests(self) -> list[str]:
        """Ids of the Follows that wait for an answer."""
        requests: list[str] = self._ask("requests")
        return requests

    def _act(self, action: str, **arguments: Any) -> dict[str, Any]:
        document: dict[str, Any] = self._ask(action, **arguments)
        return document

    def _ask(self, action: str, **arguments: Any) -> Any:
        named = {name.rstrip("_"): value for name, value in arguments.items()}
        body = json.dumps(named).encode() if named else None
        request = urllib.request.Request(f"{self.control}/{action}", body)
        try:
            with _DIRECT.open(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{self.host} could not {action}: {json.load(error)['error']}") from None
