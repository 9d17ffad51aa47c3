"""Builds the example server of bindings/c and runs it behind TLS; visits its pages as a person would.

    with Board.start(ground) as board:
        board.add("cora", "Cora")
        note = board.write("cora", "hello")

The server and its delivery worker are one process, built with sanitizers unless ``checker`` says otherwise:
a leak or an overflow is an exit status, and the block fails.
"""

from __future__ import annotations

import socket
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from ground import NAMES, Ground, clean_environment, wait_for

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build/c"
HOST = "other.test"
PASSWORD = "correct horse battery"
VALGRIND = [
    "valgrind",
    "--quiet",
    "--error-exitcode=99",
    "--leak-check=full",
    "--show-leak-kinds=definite,indirect,possible",
    "--errors-for-leak-kinds=definite,indirect,possible",
]


def build(sanitizers: str = "") -> Path:
    """The folder with the programs, built against a library that is installed in a prefix of its own."""
    out = BUILD / ("example-" + sanitizers.replace(",", "-") if sanitizers else "example")
    example = ["make", "--silent", "-C", "bindings/c/example", f"PREFIX={BUILD / 'prefix'}", f"OUT={out}"]
    for command in (["make", "--silent", "c"], [*example, f"SANITIZE={sanitizers}"]):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return out


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _SeeOther(urllib.request.HTTPRedirectHandler):
    """Redirects are looked at, not followed."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass
class Board:
    """A running board at ``origin``."""

    origin: str
    log: Path
    _opener: urllib.request.OpenerDirector
    _program: list[str]
    _environment: dict[str, str]

    @classmethod
    @contextmanager
    def start(
        cls,
        ground: Ground,
        *,
        checker: str = "sanitizers",
        program: str = "board",
        host: str | None = HOST,
        workers: int = 2,
    ) -> Iterator[Board]:
        """Prepares a database and starts the server, which ends with the block and must end well.

        ``checker``: "sanitizers", "valgrind" or "" for neither. ``host``: a name of the ground, or None for
        plain HTTP on a free port. ``workers``: threads for deliveries.
        """
        listen = (
            [f"{NAMES[host]}:443", str(ground.certificate(host))] if host else [f"127.0.0.1:{_free_port()}"]
        )
        origin = f"https://{host}" if host else f"http://{listen[0]}"
        out = build("address,undefined" if checker == "sanitizers" else "")
        data = Path(tempfile.mkdtemp(prefix="board-", dir=ground.folder))
        environment = clean_environment(
            BOARD_DATABASE=str(data / "board.sqlite"),
            BOARD_NAME="The board",
            BOARD_ORIGIN=origin,
            BOARD_POLICY="development",  # the addresses are loopback
            BOARD_WORKERS=str(workers),
            SSL_CERT_FILE=str(ground.authority),
            ASAN_OPTIONS="detect_leaks=1",
            UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1",
            https_proxy="http://127.0.0.1:9",  # must be ignored
        )
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(ground.authority))),
            _SeeOther(),
        )
        board = cls(origin, data / "log", opener, [str(out / program)], environment)
        command = [*(VALGRIND if checker == "valgrind" else []), *board._program, "serve", *listen]
        with board.log.open("ab") as output:
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            wait_for(lambda: process.poll() is not None or board.answers(), 60, "the board answering")
            yield board
            assert process.poll() is None, f"the board ended:\n{board.story()}"
        finally:
            process.terminate()
            try:
                status = process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                status = process.wait()
        assert status == 0, f"the board ended with {status}:\n{board.story()}"

    def answers(self) -> bool:
        """Whether the server is up."""
        try:
            self.get("/").close()
        except OSError:
            return False
        return True

    @property
    def database(self) -> Path:
        """The file with everything in it."""
        return Path(self._environment["BOARD_DATABASE"])

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """A delivery worker in a process of its own."""
        with self.log.open("ab") as output:
            process = subprocess.Popen(
                [*self._program, "work"], env=self._environment, stdout=output, stderr=output
            )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)

    def add(self, name: str, display_name: str) -> None:
        """Adds a person, as the operator does."""
        subprocess.run(
            [*self._program, "add", name, display_name],
            input=PASSWORD + "\n",
            text=True,
            env=self._environment,
            check=True,
        )

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Any:
        """A request as it is; raises HTTPError from status 300 on."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.origin + path, body, named, method=method)
        return self._opener.open(request, timeout=120)

    def get(self, path: str, accept: str = "text/html") -> Any:
        """A GET by nobody in particular."""
        return self.request("GET", path, Accept=accept)

    def page(self, path: str) -> BeautifulSoup:
        """The page at ``path``."""
        with self.get(path) as answer:
            return BeautifulSoup(answer.read(), "html.parser")

    def send(self, path: str, name: str, password: str = PASSWORD, **fields: str) -> str:
        """Sends a form; gives the place it leads to. Raises HTTPError when it is refused."""
        form = urllib.parse.urlencode({"name": name, "password": password, **fields}).encode()
        try:
            self.request("POST", path, form).close()
        except urllib.error.HTTPError as answer:
            with answer:
                if answer.code == 303:
                    return str(answer.headers["Location"])
            raise
        raise AssertionError(f"{path} answered a form with a page")

    def write(self, name: str, text: str, answers: str = "") -> str:
        """Writes a note; gives its path."""
        return self.send("/write", name, text=text, to=answers)

    def sees(self, path: str, text: str) -> bool:
        """Whether the page shows this text."""
        return text in self.page(path).get_text(" ", strip=True)

    def wait_to_see(self, path: str, text: str, seconds: float = 20) -> None:
        """Waits until a page shows the text."""
        try:
            wait_for(lambda: self.sees(path, text), seconds, f"“{text}” on {path}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.story()}") from error

    def wait_not_to_see(self, path: str, text: str, seconds: float = 20) -> None:
        """Waits until a page no longer shows the text."""
        try:
            wait_for(lambda: not self.sees(path, text), seconds, f"no “{text}” on {path}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.story()}") from error

    def story(self) -> str:
        """What the server printed last, for the message of a test that fails."""
        lines = self.log.read_text().splitlines()[-60:] if self.log.exists() else []
        return "\n".join(["the board printed:", *lines])
