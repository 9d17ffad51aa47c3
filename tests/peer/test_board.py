"""The C example (bindings/c/example), chirp and Fedify: follows, notes, replies, likes, deletions."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
from collections.abc import Iterator
from contextlib import closing

import pytest
from board import Board
from chirp import Visitor
from fedify import Fedify
from ground import Ground, wait_for

CORA = "@cora@other.test"


@pytest.fixture(scope="module")
def board(ground: Ground) -> Iterator[Board]:
    """The board at https://other.test, under the address and undefined-behaviour sanitizers."""
    with Board.start(ground) as board:
        board.add("cora", "Cora <3")
        yield board


@pytest.fixture(scope="module")
def reader(board: Board, alice: Visitor) -> Visitor:
    """Alice of chirp, who follows Cora."""
    alice.follow(CORA)
    alice.wait_to_see("/@alice/following", CORA)
    return alice


def test_a_note_a_reply_and_a_like_with_chirp(board: Board, reader: Visitor) -> None:
    note = board.write("cora", "the first note, with <angles> & a #tag")
    shown = reader.wait_for_post("the first note, with <angles> & a")
    reply = reader.post("@cora@other.test an answer from chirp", reply_to=shown)
    board.wait_to_see(note, "an answer from chirp")
    reader.react(shown, "like")
    board.wait_to_see(note, "liked by @alice@chirp.test")
    reader.react(shown, "boost")
    board.wait_to_see(note, "shared by @alice@chirp.test")
    reader.react(shown, "unlike")
    board.wait_not_to_see(note, "liked by")
    reader.delete(reply)
    board.wait_not_to_see(note, "an answer from chirp")


def test_an_answer_to_a_reply_reaches_its_author(board: Board, reader: Visitor) -> None:
    note = board.write("cora", "what do you think?")
    shown = reader.wait_for_post("what do you think?")
    reader.post("@cora@other.test I think so", reply_to=shown)
    board.wait_to_see(note, "I think so")
    link = board.page(note).select_one("article.letter footer a")
    assert link is not None
    form = board.page(str(link["href"]))
    to, text = form.select_one("input[name=to]"), form.select_one("textarea")
    assert to is not None
    assert text is not None
    assert text.get_text().strip() == reader.handle
    board.write("cora", f"{reader.handle} so do I", answers=str(to["value"]))
    reader.wait_to_see("/notifications", "so do I")


def test_what_is_erased_goes_elsewhere_too(board: Board, reader: Visitor) -> None:
    note = board.write("cora", "soon regretted")
    reader.wait_for_post("soon regretted")
    with pytest.raises(urllib.error.HTTPError) as refused:
        board.send("/erase", "cora", "a wrong password", note=note.removeprefix("/notes/"))
    refused.value.close()
    assert refused.value.code == 403
    assert board.send("/erase", "cora", note=note.removeprefix("/notes/")) == "/"
    reader.wait_not_to_see("/", "soon regretted")


def test_the_board_follows_back(board: Board, reader: Visitor) -> None:
    assert board.send("/follow", "cora", who=reader.handle) == "/elsewhere"
    board.wait_to_see("/elsewhere", f"cora follows {reader.handle}")
    reader.post("news from chirp")
    board.wait_to_see("/elsewhere", "news from chirp")
    board.send("/follow", "cora", who=reader.handle, no_longer="1")
    reader.wait_not_to_see("/@alice/followers", CORA)
    assert not board.sees("/elsewhere", "cora follows")


def test_fedify_follows_replies_and_is_followed(board: Board, fedify: Fedify) -> None:
    follow = fedify.follow("fred", CORA)
    fedify.wait_for_activity("Accept", object=follow["id"])
    note = board.write("cora", "for Fedify")
    seen = fedify.wait_for_note("for Fedify")
    fedify.post("fred", "<p>a reply <b>from</b> Fedify</p><script>alert(1)</script>", in_reply_to=seen["id"])
    board.wait_to_see(note, "a reply from Fedify")
    assert "<script" not in str(board.page(note))
    like = fedify.like("fred", seen["id"])
    board.wait_to_see(note, "liked by @fred@fedify.test")
    fedify.undo("fred", like["id"])
    board.wait_not_to_see(note, "liked by")
    board.send("/follow", "cora", who="@frida@fedify.test")
    wait_for(lambda: len(fedify.followers("frida")) == 1, what="the Follow")
    board.wait_to_see("/elsewhere", "cora follows @frida@fedify.test")
    fedify.post("frida", "<p>Frida's news</p>")
    board.wait_to_see("/elsewhere", "Frida's news")
    board.send("/erase", "cora", note=note.removeprefix("/notes/"))
    fedify.wait_for_activity("Delete")


def test_pages_and_documents_are_told_apart(board: Board) -> None:
    note = board.write("cora", "one note, two forms")
    number = note.removeprefix("/notes/")
    with board.get(note) as page:
        assert "text/html" in page.headers["Content-Type"]
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    with board.get(f"/ap/posts/{number}", "application/activity+json") as answer:
        assert answer.headers["Content-Type"].startswith("application/activity+json")
        document = json.load(answer)
    assert document["url"] == board.origin + note
    with board.get("/.well-known/webfinger?resource=acct:cora%40other.test") as answer:
        assert json.load(answer)["subject"] == "acct:cora@other.test"
    for path in ("/notes/99999", "/notes/x", "/@nobody", "/ap/posts/99999", "/ap/users/99999"):
        with pytest.raises(urllib.error.HTTPError) as missing:
            board.get(path)
        missing.value.close()
        assert missing.value.code == 404


def test_the_inbox_refuses_what_nobody_signed(board: Board) -> None:
    like = {
        "id": "https://chirp.test/x",
        "type": "Like",
        "actor": "https://chirp.test/u",
        "object": "https://o.test/",
    }
    with pytest.raises(urllib.error.HTTPError) as refused:
        board.request(
            "POST", "/ap/inbox", json.dumps(like).encode(), Content_Type="application/activity+json"
        )
    refused.value.close()
    assert refused.value.code == 401


@pytest.mark.parametrize("path", ["/ap/inbox", "/write"])
def test_a_body_that_is_too_large_is_refused_unread(ground: Ground, board: Board, path: str) -> None:
    """The answer comes although not one byte of the body was sent."""
    trust = ssl.create_default_context(cafile=str(ground.authority))
    with closing(http.client.HTTPSConnection("other.test", context=trust, timeout=10)) as connection:
        connection.putrequest("POST", path)
        connection.putheader("Content-Type", "application/activity+json")
        connection.putheader("Content-Length", str(1 << 30))
        connection.endheaders()
        assert connection.getresponse().status == 413
    assert board.answers()


def test_the_board_was_there_before(ground: Ground) -> None:
    """The same pages without federation, without its libraries."""
    with Board.start(ground, program="board-alone", host=None) as alone:
        alone.add("otto", "Otto")
        note = alone.write("otto", "nobody else hears this")
        assert alone.sees("/", "nobody else hears this")
        assert "Elsewhere" not in alone.page(note).get_text()
        with pytest.raises(urllib.error.HTTPError) as missing:
            alone.get("/.well-known/webfinger?resource=acct:otto@other.test")
        missing.value.close()
        assert missing.value.code == 404
