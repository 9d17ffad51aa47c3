"""The fetcher's rules, one by one, against real servers on loopback."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from typing import Any

import pytest

from fedigraft.errors import FetchFailed
from fedigraft.fetch import Network
from fedigraft.steps import Fetch

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/activity+json\r\nContent-Length: 2\r\n\r\n{}"


def ask(url: str, *, method="GET", headers=(), body=b"", max_body=1000, timeout=10.0, local=True) -> Fetch:
    return Fetch(1, method, url, tuple(headers), body, max_body, timeout, local)


def reason(network: Network, step: Fetch) -> str:
    with pytest.raises(FetchFailed) as caught:
        network.fetch(step)
    return caught.value.reason


def test_an_answer_comes_whole_with_the_address_of_the_peer(peer):
    server = peer(OK)
    answer = Network().fetch(ask(server.url))
    assert (answer.status, answer.body, answer.address, answer.url) == (200, b"{}", "127.0.0.1", server.url)
    assert ("Content-Type", "application/activity+json") in answer.headers


def test_headers_travel_exactly_as_given_and_nothing_is_compressed(peer):
    server = peer(OK)
    given = [("Host", "peer.test"), ("Date", "now"), ("signature", 'keyId="x"')]
    Network().fetch(ask(f"{server.url}a?b=%20c", method="POST", headers=given, body=b"hello"))
    lines = server.received[0].decode().split("\r\n")
    assert lines[:4] == ["POST /a?b=%20c HTTP/1.1", "Host: peer.test", "Date: now", 'signature: keyId="x"']
    assert "Content-Length: 5" in lines
    assert "Accept-Encoding: identity" in lines
    assert lines[-1] == "hello"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254"])
def test_a_name_that_leads_to_a_private_address_is_refused_without_a_connection(peer, address):
    server = peer(OK)
    network = Network(resolve=lambda host, port: [address])
    assert reason(network, ask(f"https://peer.test:{server.port}/", local=False)) == "address_refused"
    assert server.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "[::1]", "localhost", "0"])
def test_no_spelling_of_loopback_gets_through(host):
    assert reason(Network(), ask(f"https://{host}/", local=False)) == "address_refused"


@pytest.mark.parametrize("address", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "fd00::1", "0.0.0.0"])
def test_development_opens_loopback_and_nothing_else(address):
    assert (
        reason(Network(resolve=lambda host, port: [address]), ask("http://peer.test/")) == "address_refused"
    )


def test_only_the_checked_address_is_connected_to(peer):
    """The name is resolved once: a second answer, which would be private, is never asked for."""
    asked = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["192.0.2.7", "10.0.0.1"] if len(asked) == 1 else ["127.0.0.1"]

    assert reason(Network(resolve=rebinding), ask("https://peer.test/", local=False)) == "address_refused"
    assert asked == ["peer.test"]


def test_plain_http_is_refused_outside_development(peer):
    assert reason(Network(), ask("http://peer.test/", local=False)) == "url_refused"


@pytest.mark.parametrize(
    "url",
    [
        "https://user@peer.test/",
        "https://user:pass@peer.test/",
        "https://peer.test\\@evil.test/",
        "https://peer.test/a b",
        "https://peer.test/a\r\nX: y",
        "https://peer.test/ä",
        "https://peer.test/#a",
        "ftp://peer.test/",
        "//peer.test/",
        "https:///path",
        "",
    ],
)
def test_a_url_that_could_be_read_two_ways_is_refused(url):
    assert reason(Network(), ask(url)) == "url_refused"


def test_a_header_that_would_break_the_request_is_refused(peer):
    server = peer(OK)
    network = Network()
    assert reason(network, ask(server.url, headers=[("X", "a\r\nY: b")])) == "url_refused"
    assert reason(network, ask(server.url, headers=[("X: y", "a")])) == "url_refused"


def test_a_redirect_is_returned_and_not_followed(peer):
    target = peer(OK)
    server = peer(f"HTTP/1.1 302 Found\r\nLocation: {target.url}\r\nContent-Length: 0\r\n\r\n".encode())
    answer = Network().fetch(ask(server.url))
    assert (answer.status, answer.url) == (302, server.url)
    assert target.connections == 0


def test_a_slow_server_hits_the_total_deadline(peer):
    """Each byte comes in good time; all of them together do not."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b"x")
            time.sleep(0.05)

    assert reason(Network(timeout=0.5), ask(peer(drip).url)) == "timeout"
    assert reason(Network(), ask(peer(drip).url, timeout=0.5)) == "timeout"


def test_slow_headers_and_silence_hit_the_deadline_too(peer):
    def slow_head(connection: socket.socket) -> None:
        for _ in range(200):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: "[_ % 20 : _ % 20 + 1])
            time.sleep(0.05)

    network = Network(timeout=0.4)
    assert reason(network, ask(peer(slow_head).url)) == "timeout"
    assert reason(network, ask(peer(lambda connection: time.sleep(5)).url)) == "timeout"


def test_slow_resolving_hits_the_deadline():
    release = threading.Event()

    def stuck(host: str, port: int) -> list[str]:
        release.wait(5)
        return []

    assert reason(Network(timeout=0.3, resolve=stuck), ask("https://peer.test/")) == "timeout"
    release.set()


def test_a_name_that_does_not_exist():
    def missing(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    assert reason(Network(resolve=missing), ask("https://peer.test/")) == "dns_failed"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n",
    ],
    ids=["declared", "until-close", "chunked"],
)
def test_an_answer_over_the_limit_is_refused(peer, answer):
    assert reason(Network(), ask(peer(answer).url)) == "too_large"


def test_an_answer_of_exactly_the_limit_passes(peer):
    server = peer(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000)
    assert len(Network().fetch(ask(server.url)).body) == 1000


def test_a_compressed_answer_is_refused(peer):
    server = peer(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")
    assert reason(Network(), ask(server.url)) == "protocol_error"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n" * 50 + OK,
    ],
    ids=[
        "empty",
        "garbage",
        "short",
        "bad-chunk",
        "many-headers",
        "two-lengths",
        "minus",
        "coded",
        "only-1xx",
    ],
)
def test_an_answer_that_is_not_whole_http_is_refused(peer, answer):
    assert reason(Network(), ask(peer(answer).url)) in (
        "protocol_error",
        "connection_failed",
    )


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",  # for http.client all there is
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"",
    ],
    ids=["chunk", "trailers", "head", "1xx"],
)
def test_nothing_of_an_answer_is_endless(peer, start):
    sent: list[int] = []
    more = b"" if start else b"HTTP/1.1 100 Continue\r\n\r\n" * 2000
    ended = threading.Event()

    def endless(connection: socket.socket) -> None:
        try:
            connection.sendall(start)
            for _ in range(2000):
                connection.sendall(more or b"X: y\r\n" * 10_000)
                sent.append(1)
        except OSError:
            pass
        ended.set()

    assert reason(Network(), ask(peer(endless).url)) == "protocol_error"
    assert ended.wait(5)
    assert len(sent) < 500


def test_an_early_hint_is_not_the_answer(peer):
    answer = Network().fetch(ask(peer(b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + OK).url))
    assert (answer.status, answer.body) == (200, b"{}")


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert reason(Network(), ask(f"http://127.0.0.1:{port}/")) == "connection_failed"


def tls_peer(peer, certificates):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificates)
    server = peer(OK)
    inner = server._one

    def one(connection: socket.socket) -> None:
        try:
            inner(context.wrap_socket(connection, server_side=True))
        except OSError:
            connection.close()

    server._one = one
    return server


def test_tls_names_the_host_it_asked_for_and_trusts_the_extra_certificate(peer, certificates):
    server = tls_peer(peer, certificates)
    to_loopback = {"resolve": lambda host, port: ["127.0.0.1"]}
    trusting = Network(ca_file=certificates[0], **to_loopback)
    assert trusting.fetch(ask(f"https://peer.test:{server.port}/")).status == 200
    assert reason(trusting, ask(f"https://other.test:{server.port}/")) == "tls_failed"
    assert reason(Network(**to_loopback), ask(f"https://peer.test:{server.port}/")) == "tls_failed"


def test_a_federation_waits_as_long_as_its_policy_says(tmp_path):
    from fedigraft import Federation

    def waits(policy: Any) -> float:
        fed = Federation("https://a.example", database=tmp_path / "a.db", policy=policy)
        return fed._driver._fetch.__self__.timeout  # type: ignore[attr-defined,no-any-return]

    assert waits("strict") == 10
    assert waits({"base": "strict", "fetch_seconds": 25}) == 25


def test_cancelling_closes_the_connection(peer):
    closed = threading.Event()

    def hold(connection: socket.socket) -> None:
        if connection.recv(1) == b"":
            closed.set()

    server = peer(hold)

    async def main() -> None:
        task = asyncio.create_task(Network().fetch_async(ask(server.url)))
        while not server.received:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # Long before the request's own deadline of ten seconds.
        assert await asyncio.to_thread(closed.wait, 5)

    asyncio.run(main())
