"""Chirps on this machine become part of one network, and tell what travels between them.

    make demo                                     # two in Python, until Ctrl-C: open the addresses and join in
    make demo LANGS=python,ruby,go PEER=fedify    # one in each language, and a server that is not ours
    make demo DEMO_EXIT=1                         # ends by itself: 0 only if each step was seen on the other sides

Everything is real: web servers with databases of their own, a person with a browser at each, and between them
nothing but signed HTTP requests. Data lives in a temporary folder.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path

import story
from cast import CAST
from languages import LANGUAGES, ROOT
from stage import Place, place, running, say
from visitor import Visitor

PASSWORD = "swallows and swifts"  # noqa: S105  of people who live for one demo
PORT = 5001
PEERS = ("fedify",)
HOW_MANY = {1: "One chirp starts", 2: "Two chirps start", 3: "Three chirps start", 4: "Four chirps start"}


def main() -> None:
    """Sets the stage, plays the story, stays."""
    keys, peers = wanted("LANGS", LANGUAGES) or ["python", "python"], wanted("PEER", PEERS)
    if len(peers) > 1 or len(keys) + len(peers) < 2 or len(keys) > len(CAST):
        raise SystemExit(f"LANGS names two to {len(CAST)} languages, PEER at most one server")
    full = len(keys) > 2 or len(set(keys)) > 1 or bool(peers)
    with ExitStack() as stage:
        folder = Path(stage.enter_context(tempfile.TemporaryDirectory(prefix="fedigraft-demo-")))
        sites: dict[str, str] = {}
        places: list[Place] = []
        say(f"{HOW_MANY[len(keys)]} on this machine; each knows nothing of any other server.", "1")
        for role, key in zip(CAST, keys, strict=False):
            at = stage.enter_context(place(role.place, PORT + len(places), role.colour, folder, sites))
            places.append(at)
            say(f"  {at.origin}   {at.name}, chirp in {LANGUAGES[key].name}", role.colour)
        stage.enter_context(
            running([(at, LANGUAGES[key]) for at, key in zip(places, keys, strict=True)], folder)
        )
        people = [Visitor(at.origin, role.name) for at, role in zip(places, CAST, strict=False)]
        try:
            for person in people:
                person.sign_up(PASSWORD)
            if len(people) > 1:
                story.play(people, each_leads=full)
            if peers:
                sys.path.append(str(ROOT / "tests/peer"))
                import guest

                at = stage.enter_context(place("Fen", PORT + len(places), "94", folder, sites))
                say(f"\n  {at.origin}   {at.name}, a stock Fedify server, starts as well", "94")
                guest.play(stage.enter_context(guest.fedify(at)), people)
        except (
            AssertionError,
            OSError,
        ) as error:  # something was not seen, or a server answered with an error
            for at in places:
                say(f"\n{at.name} printed last:", "31")
                say("\n".join(at.log.read_text().splitlines()[-30:]))
            raise SystemExit(f"\nThe story stops here: {error}") from error
        say("\n  The whole story was seen on all sides.", "1;32")
        if os.environ.get("DEMO_EXIT") == "1":
            return
        say(f"\nOpen them and join in (password of everybody: {PASSWORD})", "1")
        for person in people:
            say(f"  {person.origin}   log in as {person.name}")
        say("Ctrl-C ends the demo and removes its data.")
        signal.pause()


def wanted(variable: str, known: Collection[str]) -> list[str]:
    """The words of an environment variable, between commas or spaces."""
    words = os.environ.get(variable, "").lower().replace(",", " ").split()
    for word in words:
        if word not in known:
            raise SystemExit(f"{variable}: {word!r} is none of {', '.join(known)}")
    return words


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):  # its servers end with the demo, however it is told to end
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    with contextlib.suppress(KeyboardInterrupt):
        main()
