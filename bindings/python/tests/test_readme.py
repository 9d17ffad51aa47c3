"""The programs that the READMEs show do what the READMEs say."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import textwrap
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]
ROOT = PACKAGE.parents[1]


def program(readme: Path, number: int = 0) -> str:
    """A Python program of a README."""
    return textwrap.dedent(re.findall(r"```python\n(.*?)```", readme.read_text(), re.S)[number])


def get(app, path, host="chirp.example"):
    """A GET as a WSGI server makes it: status and body."""
    path, _, query = path.partition("?")
    answer = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "RAW_URI": f"{path}?{query}" if query else path,
        "HTTP_HOST": host,
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
        """CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'ann');
           CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER, text TEXT, at TEXT);
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


def test_the_site_of_the_packages_readme_federates_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(program(PACKAGE / "README.md"), "chirp.py", "exec"), names)
    names["write"](1, "Hello, fediverse")

    def page(path):
        return get(names["app"], path, "127.0.0.1:8000")

    assert page("/") == (200, b"The pages of chirp\n")
    status, found = page("/.well-known/webfinger?resource=acct:ann@127.0.0.1:8000")
    assert (status, json.loads(found)["subject"]) == (200, "acct:ann@127.0.0.1:8000")
    status, found = page("/ap/users/1")
    assert (status, json.loads(found)["preferredUsername"]) == (200, "ann")
    status, found = page("/ap/posts/1")
    assert (status, json.loads(found)["content"]) == (200, "<p>Hello, fediverse</p>")
    status, found = page("/ap/users/1/outbox?page=true")
    assert (status, len(json.loads(found)["orderedItems"])) == (200, 1)
    assert names["fed"].drain()
    names["db"].close()


def test_the_signatures_of_the_packages_readme_verify(capsys):
    exec(compile(program(PACKAGE / "README.md", 1), "alone.py", "exec"), {})
    assert capsys.readouterr().out.splitlines() == [
        "https://chirp.example/users/1#main-key",
        "True accepted 202",
    ]
