"""The parts of the C example that others copy: its fetcher against bad servers, its address rules, its store.

Each is a small program of bindings/c/tests, built with sanitizers.
"""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from board import BUILD, ROOT, build

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"
LIMIT = 1000


@pytest.fixture(scope="module")
def programs() -> Path:
    """The folder with the programs."""
    out = build("address,undefined")
    command = ["make", "--silent", "-C", "bindings/c/example", "tests", f"PREFIX={BUILD / 'prefix'}"]
    done = subprocess.run(
        [*command, f"OUT={out}", "SANITIZE=address,undefined"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out


class Server:
    """Gives every connection the same bytes and keeps what it was sent."""

    def __init__(self, answer: bytes, *, hold: bool) -> None:
        self.answer = answer
        self.hold = hold
        self.seen: list[bytes] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.done = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                data = b""
                while b"\r\n\r\n" not in data:
                    part = connection.recv(65536)
                    if not part:
                        break
                    data += part
                self.seen.append(data)
                try:
                    connection.sendall(self.answer)
                    if self.hold:
                        self.done.wait(20)
                except OSError:
                    pass  # whoever asked has seen enough


@contextmanager
def serving(answer: bytes, *, hold: bool = False) -> Iterator[Server]:
    """A server for the time of the block. ``hold`` keeps the connection open behind the answer."""
    server = Server(answer, hold=hold)
    try:
        yield server
    finally:
        server.done.set()
        server.socket.close()


def ask(programs: Path, url: str, *, body: str | None = None, **more: Any) -> dict[str, Any]:
    """What comes of a fetch."""
    step = {"method": "GET", "url": url, "headers": [["Host", "peer.example"]], "timeout": 5}
    step |= {"max_body": LIMIT, "allow_local": True} | more
    environment = {
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "ALL_PROXY": "socks5://127.0.0.1:9",
    }
    command = [str(programs / "test-fetch"), json.dumps(step), *([] if body is None else [body])]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_an_answer_comes_as_it_is(programs: Path) -> None:
    answer = (
        b"HTTP/1.1 100 Continue\r\nX-Interim: yes\r\n\r\n"
        b"HTTP/1.1 404 Not Found\r\nX-One: 1\r\nx-one:   2  \r\n"
        b"X-Latin: caf\xe9\r\nX-Folded: a\r\n  b\r\nX-Empty:\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"5\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n"
    )
    with serving(answer) as server:
        got = ask(
            programs, f"http://127.0.0.1:{server.port}/a/../b?x=%41&y", headers=[["host", "peer.example"]]
        )
    assert got["headers"] == [
        ["X-One", "1"],
        ["x-one", "2"],
        ["X-Latin", "café"],
        ["X-Folded", "a b"],
        ["X-Empty", ""],
        ["Transfer-Encoding", "chunked"],
    ]
    assert (got["status"], got["body"], got["address"]) == (404, "hello", "127.0.0.1")
    assert server.seen[0].startswith(b"GET /a/../b?x=%41&y HTTP/1.1\r\n")


def test_the_request_leaves_as_it_was_given(programs: Path) -> None:
    lines = [
        ["Host", "peer.example"],
        ["Date", "today"],
        ["Content-Type", "a/b"],
        ["Signature", 'x="é"'],
        ["Empty", ""],
    ]
    with serving(OK) as server:
        got = ask(
            programs, f"http://127.0.0.1:{server.port}/inbox", method="POST", headers=lines, body='{"a":1}'
        )
    assert got["body"] == "hi"
    head, _, body = server.seen[0].partition(b"\r\n\r\n")
    first, *sent = head.decode("latin-1").split("\r\n")
    assert first == "POST /inbox HTTP/1.1"
    assert body in (b"", b'{"a":1}')  # it may come in a packet of its own
    assert sorted(sent) == [
        "Accept-Encoding: identity",
        "Content-Length: 7",
        "Content-Type: a/b",
        "Date: today",
        "Empty:",
        "Host: peer.example",
        'Signature: x="é"',
    ]


@pytest.mark.parametrize(
    ("answer", "reason", "retryable"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", "too_large", False),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001, "too_large", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1001, "too_large", False),
        (b"HTTP/1.1 200 OK\r\n" + b"X-Much: " + b"x" * 70000 + b"\r\n\r\n", "too_large", False),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000 + b"\r\n", "too_large", False),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", "protocol_error", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\ncut", "protocol_error", True),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "protocol_error", True),
        (b"SSH-2.0-OpenSSH\r\n", "protocol_error", True),
        (b"", "connection_failed", True),
    ],
)
def test_an_answer_that_breaks_a_bound(programs: Path, answer: bytes, reason: str, retryable: bool) -> None:
    with serving(answer) as server:
        got = ask(programs, f"http://127.0.0.1:{server.port}/")
    assert got == {"failed": reason, "retryable": retryable}


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"])
def test_an_answer_that_does_not_end(programs: Path, answer: bytes) -> None:
    with serving(answer, hold=True) as server:
        got = ask(programs, f"http://127.0.0.1:{server.port}/", timeout=0.3)
    assert got == {"failed": "timeout", "retryable": True}


def test_a_redirect_is_an_answer(programs: Path) -> None:
    with serving(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n") as server:
        got = ask(programs, f"http://127.0.0.1:{server.port}/")
    assert (got["status"], got["headers"][0]) == (302, ["Location", "/elsewhere"])
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:1/",
        "https://localhost:1/",
        "https://127.1:1/",
        "https://0x7f000001:1/",
        "https://2130706433:1/",
        "https://[::1]:1/",
        "https://[::ffff:127.0.0.1]:1/",
        "https://10.0.0.1:1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://0.0.0.0:1/",
    ],
)
def test_an_address_that_is_not_public_is_never_connected_to(programs: Path, url: str) -> None:
    assert ask(programs, url, allow_local=False) == {"failed": "address_refused", "retryable": False}


def test_the_development_policy_allows_loopback_and_nothing_else(programs: Path) -> None:
    assert ask(programs, "http://10.0.0.1:1/") == {"failed": "address_refused", "retryable": False}
    assert ask(programs, "http://127.0.0.1:1/") == {"failed": "connection_failed", "retryable": True}


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://user@127.0.0.1/",
        "http://127.0.0.1\\@peer.example/",
        "http://127.0.0.1:/",
        "http://127.0.0.1:123456/",
        "http:///",
        "http://a b/",
        "http://peer.example/ü",
        "http://peer.example/#fragment",
        "http://peer.example/\r\nX: y",
    ],
)
def test_a_url_that_two_parsers_could_read_differently(programs: Path, url: str) -> None:
    assert ask(programs, url) == {"failed": "url_refused", "retryable": False}


@pytest.mark.parametrize(
    "line", [["X", "a\r\nY: b"], ["X: y", "a"], ["", "a"], ["X", "€"], ["X\n", "a"], ["X", "a\0b"]]
)
def test_a_header_that_would_break_the_request(programs: Path, line: list[str]) -> None:
    got = ask(programs, "http://127.0.0.1:1/", headers=[["Host", "peer.example"], line])
    assert got == {"failed": "url_refused", "retryable": False}


def test_plain_http_is_for_the_development_policy(programs: Path) -> None:
    got = ask(programs, "http://1.1.1.1/", allow_local=False)
    assert got == {"failed": "url_refused", "retryable": False}


ADDRESSES = {
    "public": (
        "1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 "
        "169.253.0.1 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.88.98.1 192.167.255.255 "
        "192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 203.0.112.255 223.255.255.255 "
        "2606:4700::1111 2001:4860:4860::8888 2001:1::1 2003::1 3ffe::1 ::ffff:1.1.1.1"
    ),
    "loopback": ("127.0.0.1 127.255.255.255 ::1 ::ffff:127.0.0.1"),
    "neither": (
        "0.0.0.0 0.1.2.3 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 169.254.169.254 "
        "172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 "
        "198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 :: "
        "fe80::1 fc00::1 fd12::1 ff02::1 2001:: 2001:0:1::1 2001:10::1 2001:20::1 2001:db8::1 "
        "2002:101:101::1 3fff::1 64:ff9b::101:101 ::ffff:10.0.0.1 ::1.1.1.1 4000::1"
    ),
}


def test_addresses_are_judged_at_every_edge(programs: Path) -> None:
    """Each block of the registry (RFC 6890) with the addresses beside it."""
    every = [address for listed in ADDRESSES.values() for address in listed.split()]
    said = subprocess.run(
        [programs / "test-addresses", *every], capture_output=True, text=True, check=True
    ).stdout.split()
    expected = [word for word, listed in ADDRESSES.items() for _ in listed.split()]
    assert dict(zip(every, said, strict=True)) == dict(zip(every, expected, strict=True))


def test_the_store_keeps_what_every_store_keeps(programs: Path) -> None:
    files = sorted((ROOT / "tests/vectors/store").glob("*.json"))
    done = subprocess.run([programs / "test-store", *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
