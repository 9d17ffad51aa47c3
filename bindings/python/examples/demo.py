"""Two chirps on this machine become part of one network, and tell what travels between them.

    python demo.py          # until Ctrl-C; open the printed addresses and join in
    DEMO_EXIT=1 python demo.py    # plays the story and ends: 0 only if each step was seen on the other side

Everything is real: two web servers with databases of their own, a person with a browser on each, and between them
nothing but signed HTTP requests. Data lives in a temporary folder.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import secrets
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from visitor import Visitor

FOLDER = Path(__file__).parent / "chirp"
PASSWORD = "swallows and swifts"  # noqa: S105  of two people who live for one demo
COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ


def say(text: str, code: str = "") -> None:
    """One line for the reader."""
    print(f"\033[{code}m{text}\033[0m" if COLOUR and code else text, flush=True)


# --- One server: chirp as it is, and a window on what reaches it -----------------------------------------


def serve(port: int, name: str, code: str) -> None:
    """Runs one federated chirp with its worker, and prints every federation request that it answers."""
    sys.path.insert(0, str(FOLDER))
    import logging

    from werkzeug.serving import WSGIRequestHandler, make_server

    logging.disable(logging.WARNING)
    import federate  # type: ignore[import-not-found, unused-ignore]

    federate.db.prepare(federate.app.config["CHIRP_DATABASE"])
    federate.app.wsgi_app = narrated(federate.app.wsgi_app, name, code)
    WSGIRequestHandler.log = lambda *_: None  # type: ignore[method-assign]
    server = make_server("127.0.0.1", port, federate.app, threaded=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with federate.fed.worker(poll=0.2):
        server.serve_forever()


def narrated(app: Callable[..., Iterable[bytes]], name: str, code: str) -> Callable[..., Iterable[bytes]]:
    """The application, with a line for each request of another server."""

    def call(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith(("/ap/", "/.well-known/")):
            return app(environ, start)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            what = describe(environ["REQUEST_METHOD"], path, body)
            signed = "signed" if environ.get("HTTP_SIGNATURE") else "unsigned"
            say(f"      {name} <- {what}  ({signed}, {status.split()[0]})", code)
            return start(status, headers, *rest)

        return app(environ, started)

    return call


def describe(method: str, path: str, body: bytes) -> str:
    """What a request is about, in words."""
    if method == "POST":
        activity = json.loads(body)
        inner = activity.get("object")
        kind = f" of a {inner['type']}" if isinstance(inner, dict) and "type" in inner else ""
        return f"{activity['type']}{kind} from {activity['actor']}"
    if path.startswith("/.well-known/webfinger"):
        return "who is that? (WebFinger)"
    return f"{method} {path}"


# --- The story ---------------------------------------------------------------------------------------------


def picture() -> bytes:
    """A small PNG: an evening sky."""
    width, height = 480, 270
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        sky = y / height
        sun = [(x - 330) ** 2 + (y - 165) ** 2 < 34**2 for x in range(width)]
        for x in range(width):
            rows += bytes(
                (255, 214, 120) if sun[x] else (int(60 + 190 * sky), int(70 + 80 * sky), int(140 - 40 * sky))
            )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(rows)))
        + chunk(b"IEND", b"")
    )


def story(ann: Visitor, bob: Visitor) -> None:
    """What happens; each step ends when the other side's page shows it."""

    def step(text: str) -> None:
        say(f"\n  {text}", "1")

    def seen(text: str) -> None:
        say(f"      {text}", "32")

    step("Ann looks Bob up on the other server and follows him.")
    ann.follow(bob.handle)
    bob.wait_to_see("/notifications", ann.handle)
    seen("Bob's notifications show his new follower.")

    step("Bob follows her back.")
    bob.follow(ann.handle)
    bob.wait_to_see(f"/{ann.handle}", "Unfollow")
    ann.wait_to_see("/@ann/followers", bob.handle)
    seen("Each is among the other's followers.")

    step("Ann posts a picture with a description, mentions Bob and adds a hashtag.")
    text = f"The swallows are back over the harbour, {bob.handle}! #swallows"
    post = ann.post(text, picture=picture(), alt="Evening sky over the sea, the sun low and yellow")
    copy = bob.wait_for_post("The swallows are back")
    page = bob.page(copy)
    for part in ('alt="Evening sky over the sea', "mention hashtag", "u-url mention"):
        if part not in page:
            raise AssertionError(f"expected {part!r} on Bob's page")
    seen("Bob's timeline shows it, with the picture, its description, the mention and the hashtag.")

    step("Bob replies, likes it and boosts it.")
    bob.post("They were here this morning too. Count them?", reply_to=copy)
    bob.press(copy, f"{copy}/like")
    bob.press(copy, f"{copy}/boost")
    ann.wait_to_see(post, "Count them?")
    seen("The reply stands below Ann's post.")
    for word in ("likes your post", "boosted your post"):
        ann.wait_to_see("/notifications", word)
    seen("Ann's notifications tell of the like and the boost.")

    step("Ann corrects her post.")
    ann.edit(post, text.replace("swallows are", "first swallows are"))
    bob.wait_to_see(copy, "The first swallows are back")
    seen("Bob's copy has changed.")

    step("Ann writes a second post and deletes it again.")
    second = ann.post("Wrong bird, sorry.")
    gone = bob.wait_for_post("Wrong bird, sorry.")
    ann.press(f"{second}/delete", f"{second}/delete")
    bob.wait_to_be_gone(gone)
    seen("It is gone on Bob's server too.")


# --- Setting the stage -------------------------------------------------------------------------------------


def free_port(wanted: int) -> int:
    """The wanted port when it is free, else another one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise OSError("there is no free port")


@contextlib.contextmanager
def running(folder: Path, port: int, name: str, code: str) -> Iterator[str]:
    """A chirp in a process of its own; gives its address."""
    origin = f"http://localhost:{port}"
    environment = os.environ | {
        "CHIRP_ORIGIN": origin,
        "CHIRP_DATABASE": str(folder / f"{port}.sqlite"),
        "CHIRP_MEDIA": str(folder / f"{port}-media"),
        "CHIRP_NAME": name,
        "CHIRP_POLICY": "development",
        "CHIRP_IMAGE_SOURCES": "https: http://localhost:*",
        "SECRET_KEY": secrets.token_hex(16),
    }
    command = [sys.executable, __file__, "serve", str(port), name, code]
    process = subprocess.Popen(command, env=environment)  # noqa: S603
    try:
        for _ in range(100):
            if process.poll() is not None:
                raise SystemExit(f"{name} ended at once")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.1)
        yield origin
    finally:
        process.terminate()
        process.wait(10)


def main() -> None:
    """Starts two chirps, plays the story, stays."""
    with contextlib.ExitStack() as stage:
        folder = Path(stage.enter_context(tempfile.TemporaryDirectory(prefix="fedigraft-demo-")))
        say("Two chirps start on this machine; each knows nothing of the other.", "1")
        harbour = stage.enter_context(running(folder, free_port(5001), "Harbour", "36"))
        meadow = stage.enter_context(running(folder, free_port(5002), "Meadow", "35"))
        ann, bob = Visitor(harbour, "ann"), Visitor(meadow, "bob")
        for person in (ann, bob):
            person.sign_up(PASSWORD)
        story(ann, bob)
        say("\n  The whole story was seen on both sides.", "1;32")
        if os.environ.get("DEMO_EXIT") == "1":
            return
        say(f"\nOpen them and join in (password of both: {PASSWORD})", "1")
        say(f"  {harbour}   log in as ann")
        say(f"  {meadow}   log in as bob")
        say("Ctrl-C ends the demo and removes its data.")
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]), sys.argv[3], sys.argv[4])
    else:
        with contextlib.suppress(KeyboardInterrupt):
            main()
