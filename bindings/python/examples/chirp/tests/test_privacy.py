"""Followers-only and direct posts: seen by those they are for, and on no page by anybody else."""

from __future__ import annotations

import pytest
from conftest import Visitor, file, png

SECRET = "the key is under the blue pot"


@pytest.fixture
def public(alice: Visitor, ben: Visitor, chloe: Visitor) -> int:
    """Ben follows Alice, Chloé does not. All have something to do with Alice's public post."""
    ben.act("/@alice/follow")
    return alice.write("Something public #garden")


def pages(post: int, public: int) -> list[str]:
    return [
        "/",
        "/local",
        "/tags/secret",
        "/@alice",
        "/@alice?replies=1",
        "/@alice/feed.atom",
        "/@ben",
        "/@ben?replies=1",
        "/notifications",
        "/search?q=blue",
        f"/search?q=http://chirp.example/posts/{post}",
        f"/posts/{public}",
        f"/posts/{post}",
        f"/posts/{post}/edit",
        f"/posts/{post}/delete",
        f"/compose?reply_to={post}",
    ]


def sees(visitor: Visitor, path: str) -> bool:
    response = visitor.client.get(path, base_url="http://chirp.example", follow_redirects=True)
    return SECRET in response.text or "blue pot described" in response.text


def write(alice: Visitor, public: int, visibility: str, text: str = SECRET) -> int:
    return alice.write(
        f"{text} #secret",
        visibility=visibility,
        reply_to=public,
        picture_0=file(png()),
        picture_alt_0="blue pot described",
    )


def test_followers_only(alice: Visitor, ben: Visitor, chloe: Visitor, visitor: Visitor, public: int) -> None:
    post = write(alice, public, "followers")
    for path in pages(post, public):
        assert not sees(visitor, path), path
        assert not sees(chloe, path), path
    seen = {path for path in pages(post, public) if sees(ben, path)}
    expected = {"/", "/@alice?replies=1", f"/posts/{public}", f"/posts/{post}", f"/compose?reply_to={post}"}
    assert expected <= seen and "/tags/secret" not in seen and "/@alice/feed.atom" not in seen
    ben.act("/@alice/unfollow")
    assert not any(sees(ben, path) for path in pages(post, public))


def test_a_request_to_follow_shows_nothing_yet(alice: Visitor, chloe: Visitor, public: int) -> None:
    alice.act("/settings", locked="on")
    post = write(alice, public, "followers")
    chloe.act("/@alice/follow")
    assert not any(sees(chloe, path) for path in pages(post, public))


def test_direct(alice: Visitor, ben: Visitor, chloe: Visitor, visitor: Visitor, public: int) -> None:
    post = write(alice, public, "direct", f"@chloe {SECRET}")
    for path in pages(post, public):
        assert not sees(visitor, path), path
        assert not sees(ben, path), path
    seen = {path for path in pages(post, public) if sees(chloe, path)}
    assert {"/notifications", f"/posts/{post}"} <= seen
    assert not {"/local", "/@alice", "/@alice?replies=1", "/tags/secret", "/@alice/feed.atom"} & seen
    assert SECRET in alice.get("/")


def test_a_hidden_post_answers_as_a_missing_one(
    alice: Visitor, ben: Visitor, chloe: Visitor, public: int
) -> None:
    post = write(alice, public, "followers")
    for who in (chloe,):
        for action in ("like", "unlike", "boost", "unboost", "edit", "delete"):
            hidden = who.post(f"/posts/{post}/{action}", {"text": "x"})
            missing = who.post(f"/posts/999/{action}", {"text": "x"})
            assert hidden.status_code == missing.status_code == 404, action
            assert len(hidden.data) == len(missing.data) + 0
        assert who.post("/posts", {"text": "re", "reply_to": post}).status_code == 404
    assert ben.post(f"/posts/{post}/boost").status_code == 400


def test_a_reply_in_a_hidden_thread_stays_hidden(
    alice: Visitor, ben: Visitor, chloe: Visitor, public: int
) -> None:
    post = write(alice, public, "followers", "a question")
    answer = ben.write(f"@alice {SECRET}", reply_to=post, visibility="direct")
    public_answer = alice.write("public remark below", reply_to=post)
    open_answer = ben.write("an open answer", reply_to=public)
    alice.write(f"@ben {SECRET}", reply_to=open_answer, visibility="direct")
    assert SECRET in ben.get(f"/posts/{public}")
    assert "an open answer" in chloe.get(f"/posts/{public}")
    assert SECRET in alice.get(f"/posts/{post}")
    assert not any(sees(chloe, path) for path in pages(answer, public))
    page = chloe.get(f"/posts/{public_answer}")
    assert "a question" not in page and "The beginning of this thread is gone, or not for everyone" in page


def test_counts_do_not_tell_of_hidden_replies(alice: Visitor, chloe: Visitor, public: int) -> None:
    chloe.get("/local")  # reads the welcome
    before = chloe.get(f"/posts/{public}")
    write(alice, public, "direct")
    after = chloe.get(f"/posts/{public}")
    assert before == after


def test_one_who_is_named_later_sees_it_then(alice: Visitor, chloe: Visitor, public: int) -> None:
    post = write(alice, public, "direct")
    chloe.get(f"/posts/{post}", 404)
    alice.act(f"/posts/{post}/edit", text=f"@chloe {SECRET}", alt_0="")
    chloe.get(f"/posts/{post}")
    alice.act(f"/posts/{post}/edit", text=SECRET, alt_0="")
    chloe.get(f"/posts/{post}", 404)
    assert SECRET not in chloe.get("/notifications")
