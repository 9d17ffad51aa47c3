"""The stage of the demo: addresses with a narrator each, and behind them servers in processes of their own."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from languages import Language
from narrator import Narrator

COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ
_one_at_a_time = threading.Lock()


def say(text: str, code: str = "") -> None:
    """One line for the reader."""
    with _one_at_a_time:
        print(f"\033[{code}m{text}\033[0m" if COLOUR and code else text, flush=True)


@dataclass(frozen=True)
class Place:
    """An address that people and other servers see, and the port of the server behind it."""

    name: str
    origin: str
    inner: int
    log: Path


@contextmanager
def place(name: str, port: int, colour: str, folder: Path, sites: dict[str, str]) -> Iterator[Place]:
    """Opens the address ``port``, or another one when it is taken, and tells what comes in.

    ``sites``: origin -> name, of all places; this one adds itself.
    """
    narrator = Narrator(free_port(port), lambda what: say(f"      {name} <- {what}", colour), sites)
    origin = f"http://localhost:{narrator.server_port}"
    sites[origin] = name
    inner = free_port(0)
    with narrator.passing_to(inner):
        yield Place(name, origin, inner, folder / f"{name.lower()}.log")


@contextmanager
def running(chirps: list[tuple[Place, Language]], folder: Path) -> Iterator[None]:
    """Prepares the databases and runs the servers with their workers, all at once, for the length of the block."""
    with ExitStack() as stage:

        def start(*command: str) -> list[tuple[Place, subprocess.Popen[bytes]]]:
            return [
                (at, stage.enter_context(_chirp(command, at, language, folder))) for at, language in chirps
            ]

        for at, preparing in start("init-db"):
            if preparing.wait():
                raise failure(at)
        for at, server in start("serve", "--worker"):
            wait_until_up(at, server)
        yield


def _chirp(
    command: tuple[str, ...], at: Place, language: Language, folder: Path
) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    listen = ("--listen", f"127.0.0.1:{at.inner}") if command[0] == "serve" else ()
    data = folder / at.name.lower()
    environment = os.environ | {
        "CHIRP_ORIGIN": at.origin,
        "CHIRP_DATABASE": f"{data}.sqlite",
        "CHIRP_MEDIA": f"{data}-media",
        "CHIRP_NAME": at.name,
        "CHIRP_ABOUT": f"This is the chirp that is written in {language.name}.",
        "CHIRP_POLICY": "development",
        "CHIRP_IMAGE_SOURCES": "https: http://localhost:*",
        "SECRET_KEY": secrets.token_hex(16),
    }
    return process([*language.chirp, *command, *listen], at.log, environment, language.folder)


@contextmanager
def process(
    command: list[str], log: Path, environment: Mapping[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block; what it prints goes to ``log``.

    Ctrl-C reaches only the demo, which ends its processes one after the other.
    """
    with log.open("ab") as output:
        try:
            started = subprocess.Popen(  # noqa: S603
                command, cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True
            )
        except FileNotFoundError as error:
            raise SystemExit(
                f"{error.filename} is missing: `make demo LANGS=…` installs and builds it"
            ) from error
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def wait_until_up(at: Place, server: subprocess.Popen[bytes]) -> None:
    """Waits until something listens behind the address."""
    end = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", at.inner), 0.2):
            return
        time.sleep(0.05)
    raise failure(at)


def failure(at: Place) -> SystemExit:
    """Ends the demo with the last words of a server."""
    printed = at.log.read_text().splitlines()[-30:] if at.log.exists() else []
    return SystemExit("\n".join([f"{at.name} did not start. It printed:", *printed]))


def free_port(wanted: int) -> int:
    """The wanted port when it is free, else another one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise OSError("there is no free port")
