"""The programs that the READMEs show do what the READMEs say."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def program(readme: Path) -> str:
    """The first Python program of a README."""
    found = re.search(r"```python\n(.*?)```", readme.read_text(), re.S)
    assert found
    return textwrap.dedent(found[1])


def get(app, path):
    """A GET as a WSGI server makes it: status and body."""
    path, _, query = path.partition("?")
    answer = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "RAW_URI": f"{path}?{query}" if query else path,
        "HTTP_HOST": "chirp.example",
        "HTTP_ACCEPT": "application/activity+json",
        "SERVER_NAME": "chirp.example",
        "SERVER_PORT": "443",
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(),
    }
    body = b"".join(app(environ, lambda status, headers: answer.append(status)))
    return int(answer[0].split()[0]), body


@pytest.mark.skipif(not (ROOT / "README.md").exists(), reason="outside of a checkout")
def test_the_twenty_lines_federate_a_server(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    db = sqlite3.connect("chirp.db")
    db.executescript(
        """CREATE TABLE users (id TEXT, name TEXT); INSERT INTO users VALUES ('1', 'ann');
           CREATE TABLE posts (id TEXT, author TEXT, text TEXT, at TEXT);
           CREATE TABLE inbox (handle TEXT, html TEXT);"""
    )

    def host(environ, start):
        start("200 OK", [])
        return [b"a page of the host"]

    names = {"app": host}
    exec(compile(program(ROOT / "README.md"), "README.md", "exec"), names)
    app, fed = names["app"], names["fed"]
    assert get(app, "/") == (200, b"a page of the host")
    status, found = get(app, "/.well-known/webfinger?resource=acct:ann@chirp.example")
    assert status == 200
    assert json.loads(found)["subject"] == "acct:ann@chirp.example"
    with sqlite3.connect("chirp.db") as connection:
        connection.execute("INSERT INTO posts VALUES ('7', '1', 'Hello, #fediverse', '2027-01-15T08:00:00Z')")
        assert fed.publish(7, connection=connection)["federated"] is True
    status, note = get(app, "/ap/posts/7")
    assert status == 200
    assert "#<span>fediverse</span>" in json.loads(note)["content"]
    status, outbox = get(app, "/ap/users/1/outbox?page=true")
    assert status == 200
    assert json.loads(outbox)["orderedItems"][0]["type"] == "Create"
