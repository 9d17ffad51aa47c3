"""What the tests share: the native library of this checkout, and small servers on loopback."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fedigraft.database import Database

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "bindings" / "python"


def _library() -> None:
    """Uses the library that pip put beside the package, else the newest one cargo built in this checkout."""
    if "FEDIGRAFT_LIBRARY" in os.environ or list((PACKAGE / "src" / "fedigraft").glob("libfedigraft.*")):
        return
    built = [*(ROOT / "target").glob("**/libfedigraft.so"), *(ROOT / "build" / "lib").glob("libfedigraft.so")]
    if built:
        os.environ["FEDIGRAFT_LIBRARY"] = str(max(built, key=lambda path: path.stat().st_mtime))


_library()


class Peer:
    """A server on loopback that plays one scripted connection after another."""

    def __init__(self, play: Callable[[socket.socket], None]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.received: list[bytes] = []
        self.connections = 0
        self.play = play
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.settimeout(20)
                self.received.append(self._request(connection))
                self.play(connection)
            except OSError:
                pass

    @staticmethod
    def _request(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = connection.recv(65536)
            if not chunk:
                return data
            data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            ),
            0,
        )
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body

    def close(self) -> None:
        self.listener.close()


@pytest.fixture
def peer() -> Iterator[Callable[[Callable[[socket.socket], None] | bytes], Peer]]:
    """Makes peers: from a function that plays a connection, or from the bytes to answer."""
    made: list[Peer] = []

    def make(play: Callable[[socket.socket], None] | bytes) -> Peer:
        answer = play if callable(play) else lambda connection: connection.sendall(play)
        made.append(Peer(answer))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def schemas() -> Iterator[Callable[[], str]]:
    """Makes empty PostgreSQL schemas: connection strings to the server that FEDIGRAFT_TEST_POSTGRES names."""
    address = os.environ.get("FEDIGRAFT_TEST_POSTGRES")
    if not address:
        pytest.skip("FEDIGRAFT_TEST_POSTGRES names no server")
    psycopg = pytest.importorskip("psycopg")
    made: list[str] = []

    def make() -> str:
        made.append(f"test_{secrets.token_hex(8)}")
        connection.execute(f"CREATE SCHEMA {made[-1]}")
        return f"{address} options='-c search_path={made[-1]}'"

    with psycopg.connect(address, autocommit=True) as connection:
        yield make
        for name in made:
            connection.execute("SET lock_timeout = '10s'")  # a connection that a test left open shows
            connection.execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> Callable[[], str | None]:
    """Each test that asks for it runs on SQLite, where it gives ``None``, and on PostgreSQL."""
    return (lambda: None) if request.param == "sqlite" else request.getfixturevalue("schemas")


@pytest.fixture
def database(tmp_path: Path, address: Callable[[], str | None]) -> Database:
    """An empty store on each database."""
    from fedigraft.database import Database  # which library it is has been settled above

    place = address()
    if place is None:
        return Database(tmp_path / "store.db")
    import psycopg

    return Database(lambda: psycopg.connect(place))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for ``peer.test`` that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=peer.test",
         "-addext", "subjectAltName=DNS:peer.test", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key
