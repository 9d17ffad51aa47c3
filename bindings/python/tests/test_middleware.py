"""The middleware behind real servers: wsgiref, Werkzeug, gunicorn, uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import wsgiref.simple_server
from collections.abc import Iterator
from pathlib import Path

import pytest

from fedigraft import Key, sign
from fedigraft.asgi import ASGI

from test_federation import free_port
from village import Served, Village

TESTS = Path(__file__).resolve().parent


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def wsgiref_server(village: Village) -> Iterator[None]:
    server = wsgiref.simple_server.make_server("127.0.0.1", village.port, village.app, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@contextlib.contextmanager
def werkzeug_server(village: Village) -> Iterator[None]:
    served = Served(village)
    yield
    served.close()


@contextlib.contextmanager
def process(*command: str, port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])
    running = subprocess.Popen(
        [sys.executable, "-m", *command],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert running.poll() is None, "the server ended"
            time.sleep(0.1)
        yield running
    finally:
        running.terminate()
        running.wait(20)


def place(village: Village) -> dict[str, str]:
    address = {} if village.address is None else {"VILLAGE_ADDRESS": village.address}
    return {"VILLAGE_FOLDER": str(village.path.parent), "VILLAGE_PORT": str(village.port), **address}


@contextlib.contextmanager
def gunicorn_server(village: Village) -> Iterator[None]:
    bind = f"127.0.0.1:{village.port}"
    command = ("gunicorn", "--bind", bind, "--workers", "2", "--preload", "hosted:app")
    with process(*command, port=village.port, **place(village)):
        yield


@contextlib.contextmanager
def uvicorn_server(village: Village) -> Iterator[None]:
    command = ("uvicorn", "--host", "127.0.0.1", "--port", str(village.port), "hosted:asgi")
    with process(*command, port=village.port, **place(village)):
        yield


SERVERS = [wsgiref_server, werkzeug_server, gunicorn_server, uvicorn_server]


def unsigned(actor: str, followee: str) -> bytes:
    return json.dumps({
        "@context": "https://www.w3.org/ns/activitystreams", "id": f"{actor}#f", "type": "Follow",
        "actor": actor, "object": followee,
    }).encode()  # fmt: skip


def request(port: int, method: str, target: str, body: bytes | None = None, **headers: str):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(
        method, target, body, {name.replace("_", "-"): value for name, value in headers.items()}
    )
    answer = connection.getresponse()
    read = answer.read()
    connection.close()
    return answer, read


@pytest.mark.parametrize("server", SERVERS)
def test_every_server_serves_pages_and_federation(tmp_path, server):
    ann = Village(tmp_path, "ann", free_port())
    bob = Village(tmp_path, "bob", free_port())
    with server(ann), werkzeug_server(bob):
        answer, body = request(ann.port, "GET", "/some/page?x=1")
        assert (answer.status, body) == (200, b"a page of ann")
        answer, body = request(ann.port, "GET", "/ap/users/1", Accept="application/activity+json")
        assert answer.status == 200
        assert json.loads(body)["preferredUsername"] == "ann"
        answer, head = request(ann.port, "HEAD", "/ap/users/1", Accept="application/activity+json")
        assert (answer.status, head) == (200, b"")
        answer, body = request(
            ann.port, "GET", f"/.well-known/webfinger?resource=acct:ann@127.0.0.1:{ann.port}"
        )
        assert answer.status == 200
        answer, _ = request(
            ann.port,
            "POST",
            "/ap/inbox",
            unsigned(bob.actor, ann.actor),
            Content_Type="application/activity+json",
        )
        assert answer.status == 401
        # A signed delivery passes through this server, raw target and all.
        bob.fed.follow("1", ann.actor)
        bob.fed.drain()
        assert ann.told() == ["followed"]


@pytest.mark.parametrize("server", SERVERS)
def test_a_body_over_the_limit_is_refused(tmp_path, server):
    ann = Village(tmp_path, "ann", free_port())
    with server(ann):
        connection = socket.create_connection(("127.0.0.1", ann.port), timeout=10)
        head = "POST /ap/inbox HTTP/1.1\r\nHost: x\r\nContent-Type: application/activity+json\r\n"
        connection.sendall(f"{head}Content-Length: {2**30}\r\n\r\n".encode())
        assert b" 413 " in connection.recv(65536).split(b"\r\n")[0]
        connection.close()


def test_a_page_gets_its_body_and_the_middleware_none_of_it(tmp_path):
    """The application reads the stream itself: what the middleware had read would be missing."""
    ann = Village(tmp_path, "ann", free_port())
    reads: list[int] = []

    class Watched:
        def read(self, size: int = -1) -> bytes:
            reads.append(size)
            return b""

    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/upload", "RAW_URI": "/upload", "CONTENT_LENGTH": str(2**30),
        "wsgi.input": Watched(), "SERVER_SOFTWARE": "test",
    }  # fmt: skip
    app = ann.fed.wsgi(lambda environ, start: [b"untouched"])
    assert app(environ, lambda *_: None) == [b"untouched"]
    assert reads == []
    with werkzeug_server(ann):
        body = b"x" * 3_000_000
        assert request(ann.port, "POST", "/upload", body)[0].status == 200
    assert ann.page_bodies == [len(body)]


def test_a_target_with_escapes_arrives_raw_and_without_it_a_warning_names_the_remedy(tmp_path, caplog):
    ann = Village(tmp_path, "ann", free_port())
    key = Key.generate()
    target = "/ap/inbox?x=%2F%41"
    headers = dict(sign(key, f"{ann.origin}/ap/users/1#main-key", "POST", ann.origin + target, body=b"{}"))
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    seen = []
    app = ann.fed.wsgi(ann.pages)
    base = {**environ, "REQUEST_METHOD": "POST", "PATH_INFO": "/ap/inbox", "QUERY_STRING": "x=%2F%41"}
    for extra in ({"RAW_URI": target}, {"REQUEST_URI": f"{ann.origin}{target}"}, {}):
        seen.append(app._head({**base, **extra}).target)
    assert seen == [target] * 3
    assert "RAW_URI or REQUEST_URI" in caplog.text
    caplog.clear()
    app._head(base)
    assert caplog.text == ""
    assert (
        app._head({**base, "SCRIPT_NAME": "/a b", "PATH_INFO": "/\xc3\xa9"}).target
        == "/a%20b/%C3%A9?x=%2F%41"
    )


def test_vary_is_added_where_one_url_serves_both(tmp_path):
    ann = Village(tmp_path, "ann", free_port(), paths={"post": "/posts/{id}"})
    with werkzeug_server(ann):
        answer, body = request(ann.port, "GET", "/posts/1", Accept="text/html")
        assert (answer.getheader("Vary"), body) == ("Accept", b"a page of ann")
        assert request(ann.port, "GET", "/other", Accept="text/html")[0].getheader("Vary") is None


def test_when_the_database_is_away_the_sender_comes_again(tmp_path, caplog):
    ann = Village(tmp_path, "ann", free_port())
    bob = Village(tmp_path, "bob", free_port())
    with werkzeug_server(ann), werkzeug_server(bob):
        ann.fail = "profile"
        answer, _ = request(ann.port, "GET", "/ap/users/1", Accept="application/activity+json")
        assert answer.status == 503
        assert int(answer.getheader("Retry-After")) > 0
        ann.fail = None
        bob.fed.look_up(ann.handle)
        ann.fail = "followed"
        bob.fed.follow("1", ann.actor)
        bob.fed.drain()
        assert "the handler fails" in caplog.text
        assert ann.told() == []
        assert ann.rows("SELECT * FROM fedigraft_follows") == []
        assert ann.rows("SELECT * FROM fedigraft_once") == []
        ann.fail = None
        ann.hours = bob.hours = 1
        assert bob.fed.drain() == 1
        assert ann.told() == ["followed"]


def test_more_fetching_strangers_than_allowed_get_503_and_pages_go_on(tmp_path, peer):
    """Slow strangers: each delivery makes ann fetch a key that never comes."""
    release = threading.Event()
    slow = peer(lambda connection: release.wait(8))
    ann = Village(tmp_path, "ann", free_port(), most_fetching=2)
    key = Key.generate()
    statuses: list[int] = []

    def deliver(number: int) -> None:
        stranger = f"{slow.url}users/{number}"
        body = unsigned(stranger, ann.actor)
        headers = sign(key, f"{stranger}#main-key", "POST", f"{ann.origin}/ap/inbox", body=body)
        answer, _ = request(
            ann.port, "POST", "/ap/inbox", body, **{n.replace("-", "_"): v for n, v in headers}
        )
        statuses.append(answer.status)

    with werkzeug_server(ann):
        threads = [threading.Thread(target=deliver, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for _ in range(100):
            if len(statuses) == 4:
                break
            time.sleep(0.05)
        assert statuses == [503] * 4
        assert request(ann.port, "GET", "/page")[1] == b"a page of ann"
        release.set()
        for thread in threads:
            thread.join()
    assert slow.connections == 2


# ASGI by hand: what a server would send, message by message.


class Wire:
    """Plays an ASGI server for one request."""

    def __init__(self, village: Village, method: str, target: str, headers, *messages) -> None:
        path, _, query = target.partition("?")
        self.scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "client": ("127.0.0.1", 1),
            "headers": [(n.lower().encode(), v.encode()) for n, v in headers],
        }  # fmt: skip
        self.messages = list(messages)
        self.sent: list[dict] = []
        self.received = 0
        self.app = ASGI(self.page, lambda: village.fed.inbound)

    async def page(self, scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"vary", b"Cookie")]})
        await send({"type": "http.response.body", "body": b"page"})

    async def receive(self):
        self.received += 1
        if self.messages:
            message = self.messages.pop(0)
            return await message() if callable(message) else message
        await asyncio.Event().wait()

    async def send(self, message) -> None:
        self.sent.append(message)

    async def run(self):
        await self.app(self.scope, self.receive, self.send)
        return self


def test_asgi_leaves_the_hosts_body_alone(tmp_path):
    ann = Village(tmp_path, "ann", 1, paths={"post": "/posts/{id}"})
    wire = asyncio.run(Wire(ann, "POST", "/upload", [("content-length", "99999999999")]).run())
    assert wire.received == 0
    assert wire.sent[1]["body"] == b"page"
    wire = asyncio.run(Wire(ann, "GET", "/posts/1", [("accept", "text/html")]).run())
    assert wire.sent[0]["headers"] == [(b"vary", b"Cookie"), (b"vary", b"Accept")]


def test_asgi_refuses_large_bodies_with_and_without_a_length(tmp_path):
    ann = Village(tmp_path, "ann", 1)
    wire = asyncio.run(Wire(ann, "POST", "/ap/inbox", [("content-length", str(2**30))]).run())
    assert (wire.sent[0]["status"], wire.received) == (413, 0)
    chunk = {"type": "http.request", "body": b"x" * 700_000, "more_body": True}
    wire = asyncio.run(Wire(ann, "POST", "/ap/inbox", [], chunk, chunk).run())
    assert wire.sent[0]["status"] == 413


def test_a_client_that_leaves_cancels_the_exchange_in_mid_fetch(tmp_path, peer):
    closed = threading.Event()

    def hold(connection: socket.socket) -> None:
        if connection.recv(1) == b"":
            closed.set()

    slow = peer(hold)
    ann = Village(tmp_path, "ann", free_port(), most_fetching=1)
    stranger = f"{slow.url}users/1"
    body = unsigned(stranger, ann.actor)
    headers = sign(Key.generate(), f"{stranger}#main-key", "POST", f"{ann.origin}/ap/inbox", body=body)

    async def leave():
        while not slow.received:
            await asyncio.sleep(0.01)
        return {"type": "http.disconnect"}

    whole = {"type": "http.request", "body": body}
    wire = Wire(ann, "POST", "/ap/inbox", headers, whole, leave)

    async def main() -> None:
        await wire.run()
        # Long before the request's own deadline of ten seconds.
        assert await asyncio.to_thread(closed.wait, 5)

    asyncio.run(main())
    assert wire.sent == []
    gate = ann.fed._inbound_driver._gate
    assert gate is not None
    assert gate.acquire(blocking=False), "the place among the fetching ones is free again"
    assert ann.rows("SELECT * FROM fedigraft_once") == []


def test_a_client_that_leaves_uvicorn_cancels_too(tmp_path, peer):
    closed = threading.Event()

    def hold(connection: socket.socket) -> None:
        if connection.recv(1) == b"":
            closed.set()

    slow = peer(hold)
    ann = Village(tmp_path, "ann", free_port())
    stranger = f"{slow.url}users/1"
    body = unsigned(stranger, ann.actor)
    headers = sign(Key.generate(), f"{stranger}#main-key", "POST", f"{ann.origin}/ap/inbox", body=body)
    with uvicorn_server(ann):
        client = socket.create_connection(("127.0.0.1", ann.port))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        client.sendall(
            f"POST /ap/inbox HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body
        )
        for _ in range(100):
            if slow.received:
                break
            time.sleep(0.05)
        assert not closed.is_set()
        client.close()
        assert closed.wait(5)


def test_a_cancelled_exchange_is_freed(tmp_path, peer):
    import gc

    from fedigraft.exchange import Exchange
    from fedigraft.host import Guarded

    slow = peer(lambda connection: time.sleep(3))
    ann = Village(tmp_path, "ann", free_port())
    freed: list[bool] = []

    async def main() -> None:
        exchange = ann.fed.instance.look_up(int(time.time()), f"{slow.url}users/1")
        assert isinstance(exchange, Exchange)
        task = asyncio.create_task(
            ann.fed._driver.run_async(exchange, Guarded(ann.fed._host, ann.fed.database))
        )
        while not slow.received:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        freed.append(exchange.closed)
        freed.append(exchange._owned is None)

    asyncio.run(main())
    gc.collect()
    assert freed == [True, True]


def test_lifespan_and_websockets_pass_through(tmp_path):
    ann = Village(tmp_path, "ann", 1)
    passed = []

    async def app(scope, receive, send) -> None:
        passed.append(scope["type"])

    asgi = ann.fed.asgi(app)
    for kind in ("lifespan", "websocket"):
        asyncio.run(asgi({"type": kind}, None, None))
    assert passed == ["lifespan", "websocket"]


def test_asgi_without_raw_path_warns_once(tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    ann = Village(tmp_path, "ann", 1)
    wire = Wire(ann, "GET", "/a", [])
    wire.scope["raw_path"] = None
    wire.scope["path"] = "/é"
    assert wire.app._head(wire.scope).target == "/%C3%A9"
    assert caplog.text.count("raw_path") == 1
