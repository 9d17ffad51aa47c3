"""People and posts from elsewhere, and the signals: what somebody who extends chirp builds on."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from blinker import Signal
from conftest import Visitor, file, inside, person, png
from flask import Flask, abort

from chirp import clock, db, elsewhere, events, people, posts, social
from chirp.db import Connection
from chirp.people import Person
from chirp.posts import Media, Post

BOB = {"uri": "https://remote.example/users/bob", "handle": "@bob@remote.example"}


def bob(connection: Connection, **more: Any) -> Person:
    return elsewhere.upsert_person(
        connection,
        **{
            **BOB,
            "display_name": "Bob <T>",
            "bio_html": "<p>Birds, <em>mostly</em></p>",
            "avatar_url": "https://remote.example/bob.png",
            "url": "https://remote.example/@bob",
            "fields": [("Web", "https://bob.example"), ("Fun", "<script>x</script>")],
            **more,
        },
    )


def test_a_person_from_elsewhere_has_a_page(app: Flask, visitor: Visitor) -> None:
    with inside(app), db.transaction() as connection:
        first = bob(connection, display_name="Old name")
        assert bob(connection).id == first.id
    page = visitor.get("/@bob@remote.example")
    assert "Bob &lt;T&gt;" in page and "@bob@remote.example" in page and "Old name" not in page
    assert "<em>mostly</em>" in page and '<a href="https://bob.example" rel="nofollow noopener"' in page
    assert "&lt;script&gt;x" in page and 'rel="me' not in page
    assert 'href="https://remote.example/@bob"' in page and 'src="https://remote.example/bob.png"' in page
    visitor.get("/@bob", 404)
    visitor.get("/@bob@remote.example/feed.atom", 404)


def test_a_handle_that_changed_hands(app: Flask) -> None:
    with inside(app), db.transaction() as connection:
        old = bob(connection)
        new = bob(connection, uri="https://remote.example/users/2")
        found = people.by_handle(connection, "@bob@remote.example")
        assert found and found.id == new.id != old.id
        assert people.by_uri(connection, BOB["uri"])
        for handle in ("bob", "@bob", "@bob@chirp.example", "@@remote.example"):
            with pytest.raises(ValueError, match="form @name@domain"):
                bob(connection, handle=handle)


def test_addresses_that_are_no_web_pages_are_dropped(app: Flask, visitor: Visitor) -> None:
    with inside(app), db.transaction() as connection:
        who = bob(connection, url="javascript:alert(1)", avatar_url="data:image/svg+xml,x")
        assert who.url is None and who.avatar is None
        post = elsewhere.upsert_post(
            connection,
            uri="https://remote.example/1",
            author=who,
            html="<p>x</p>",
            url="javascript:alert(1)",
            media=[
                Media("javascript:alert(1)", "image/png"),
                Media("https://remote.example/v.mp4", "video/mp4", "A film"),
            ],
        )
    page = visitor.get(post.path)
    assert "javascript:" not in page and '<a class="file" href="https://remote.example/v.mp4"' in page


def test_a_post_from_elsewhere_in_a_thread(app: Flask, alice: Visitor, visitor: Visitor) -> None:
    number = alice.write("Beds")
    with inside(app), db.transaction() as connection:
        who = bob(connection)
        reply = elsewhere.upsert_post(
            connection,
            uri="https://remote.example/1",
            url="https://remote.example/@bob/1",
            author=who,
            html="<p>Lovely <em>beds</em></p>",
            published=datetime(2024, 5, 1, 10, 0, 0, 123, timezone(timedelta(hours=2))),
            reply_to_id=number,
            mentions=[person("alice")],
            tags=["#Birds"],
            media=[Media("https://remote.example/1.png", "image/png", "A swift")],
        )
        assert clock.text(reply.published) == "2024-05-01T08:00:00Z" and reply.tags == ("birds",)
    page = visitor.get(f"/posts/{number}")
    assert "Lovely <em>beds</em>" in page and 'alt="A swift"' in page
    assert 'href="https://remote.example/@bob/1"' in page
    assert "replied to you" in alice.get("/notifications")
    assert "Lovely" in visitor.get("/tags/birds") and "Lovely" not in visitor.get("/local")
    found = alice.fetch("/search?q=https://remote.example/@bob/1")
    assert found.location == reply.path
    with inside(app), db.transaction() as connection:
        elsewhere.upsert_post(
            connection, uri="https://remote.example/1", author=person(BOB["handle"]), html="<p>New</p>"
        )
        thief = bob(connection, uri="https://evil.example/e", handle="@e@evil.example")
        with pytest.raises(ValueError, match="someone else"):
            elsewhere.upsert_post(
                connection, uri="https://remote.example/1", author=thief, html="<p>Stolen</p>"
            )
    assert "New" in visitor.get(f"/posts/{number}")
    with inside(app), db.transaction() as connection:
        elsewhere.delete_post(connection, "https://remote.example/1")
        elsewhere.delete_post(connection, "https://remote.example/unknown")
    visitor.get(reply.path, 404)


def test_a_thread_closes_when_its_parent_comes(app: Flask, visitor: Visitor) -> None:
    with inside(app), db.transaction() as connection:
        who = bob(connection)
        child = elsewhere.upsert_post(
            connection,
            uri="https://remote.example/2",
            author=who,
            html="<p>Second</p>",
            reply_to_uri="https://remote.example/1",
        )
    assert "a post elsewhere" in visitor.get(child.path)
    with inside(app), db.transaction() as connection:
        parent = elsewhere.upsert_post(
            connection, uri="https://remote.example/1", author=who, html="<p>First</p>"
        )
    assert "First" in visitor.get(child.path) and "Second" in visitor.get(parent.path)


def test_private_posts_from_elsewhere_stay_private(app: Flask, alice: Visitor, ben: Visitor) -> None:
    with inside(app), db.transaction() as connection:
        who = bob(connection)
        direct = elsewhere.upsert_post(
            connection,
            uri="https://remote.example/1",
            author=who,
            html="<p>psst</p>",
            visibility="direct",
            mentions=[person("alice")],
        )
    assert "psst" in alice.get(direct.path) and "psst" in alice.get("/notifications")
    ben.get(direct.path, 404)


def test_they_follow_like_and_boost(app: Flask, alice: Visitor) -> None:
    number = alice.write("Hello")
    with inside(app), db.transaction() as connection:
        who, me = bob(connection), person("alice")
        post = posts.get(connection, number)
        assert post
        assert social.follow(connection, who, me) == "accepted"
        social.like(connection, who, post)
        social.boost(connection, who, post)
    page = alice.get("/notifications")
    for words in ("follows you", "likes your post", "boosted your post"):
        assert words in page
    assert "@bob@remote.example" in alice.get("/@alice/followers")
    with inside(app), db.transaction() as connection:
        social.unboost(connection, who, post)
        social.unlike(connection, who, post)
        assert social.tallies(connection, None, [number])[number] == social.Tally()
        elsewhere.delete_person(connection, BOB["uri"])
    assert "Nobody yet" in alice.get("/@alice/followers")


def test_following_somebody_elsewhere_waits_and_needs_consent(app: Flask, alice: Visitor) -> None:
    with inside(app), db.transaction() as connection:
        bob(connection)
    assert alice.post("/@bob@remote.example/follow").location == "/settings"
    app.config["CHIRP_FEDERATED"] = True
    alice.act("/settings", display_name="Alice", federated="on")
    assert "@alice@chirp.example" in alice.get("/@alice")
    alice.act("/@bob@remote.example/follow")
    assert "Requested" in alice.get("/@bob@remote.example")
    with inside(app), db.transaction() as connection:
        social.answer_follow(connection, person("alice"), person(BOB["handle"]), accepted=True)
    assert "Following" in alice.get("/@bob@remote.example")
    assert "lets you follow them" in alice.get("/notifications")


def test_the_choice_is_hidden_until_it_means_something(app: Flask, alice: Visitor) -> None:
    assert "other sites" not in alice.get("/settings")
    alice.act("/settings", display_name="A", federated="on")
    with inside(app):
        assert not person("alice").federated
    app.config["CHIRP_FEDERATED"] = True
    assert "Let people on other sites find and follow me" in alice.get("/settings")


def test_every_signal_comes_in_the_open_transaction(app: Flask, alice: Visitor, ben: Visitor) -> None:
    heard: list[tuple[str, dict[str, Any]]] = []

    def listen(name: str) -> None:
        signal: Signal = getattr(events, name)

        @signal.connect_via(app)
        def note(_app: Flask, **values: Any) -> None:
            assert _app is app and values.pop("db").in_transaction
            heard.append((name, values))

    for name in (
        *("post_published", "post_edited", "post_deleted", "profile_edited", "followed", "unfollowed"),
        *("follow_answered", "liked", "unliked", "boosted", "unboosted"),
    ):
        listen(name)
    post = alice.write("Hello")
    alice.act(f"/posts/{post}/edit", text="Hello!")
    for action in ("like", "like", "boost", "boost", "unlike", "unlike", "unboost", "unboost"):
        ben.act(f"/posts/{post}/{action}")
    ben.act("/@alice/follow")
    ben.act("/@alice/follow")
    ben.act("/@alice/unfollow")
    ben.act("/@alice/unfollow")
    alice.act("/settings", display_name="A", locked="on")
    ben.act("/@alice/follow")
    with inside(app):
        number = person("ben").id
    alice.act(f"/requests/{number}/accept")
    alice.act(f"/requests/{number}/accept")
    alice.act(f"/posts/{post}/delete")
    assert [name for name, _values in heard] == [
        *("post_published", "post_edited", "liked", "boosted", "unliked", "unboosted"),
        *("followed", "unfollowed", "profile_edited", "followed", "follow_answered", "post_deleted"),
    ]
    told = dict(heard)
    assert (
        set(told["followed"]) == {"follower", "followee", "state"} and told["followed"]["state"] == "pending"
    )
    assert set(told["follow_answered"]) == {"follower", "followee", "accepted"}
    assert set(told["liked"]) == {"person", "post"} and told["liked"]["person"].name == "ben"
    assert told["post_edited"]["post"].text == "Hello!" and told["post_deleted"]["post"].id == post


def test_a_subscriber_that_fails_undoes_everything(app: Flask, alice: Visitor) -> None:
    done: list[str] = []

    @events.post_published.connect_via(app)
    def write_then_fail(_app: Flask, db: Connection, post: Post) -> None:
        db.execute("UPDATE people SET bio = 'half done'")
        db.after_commit(lambda: done.append("sent"))
        if "fail" in post.text:
            raise RuntimeError("no")

    assert alice.post("/posts", {"text": "fail"}).status_code == 500
    assert "half done" not in alice.get("/@alice") and "fail" not in alice.get("/local") and not done
    alice.write("well")
    assert "half done" in alice.get("/@alice") and done == ["sent"]


def test_somebody_unknown_is_looked_up_by_a_subscriber(app: Flask, alice: Visitor, visitor: Visitor) -> None:
    asked: list[str] = []

    @events.unknown_address.connect_via(app)
    def find(_app: Flask, query: str) -> Person | None:
        asked.append(query)
        assert not db.connection().in_transaction
        if "bob" not in query:
            return None
        with db.transaction() as connection:
            return bob(connection)

    query = "/search?q=bob@remote.example"
    assert visitor.fetch(query).status_code == 200 and not asked
    assert "could not be found" in alice.get("/search?q=https://remote.example/nothing")
    assert alice.fetch(query).location == "/@bob@remote.example"
    assert alice.fetch(query).location == "/@bob@remote.example"
    assert asked == ["https://remote.example/nothing", "bob@remote.example"]
    post = alice.write("hello @bob@remote.example and @zoe@other.example")
    page = alice.get(f"/posts/{post}")
    assert 'href="/@bob@remote.example"' in page and 'href="/@zoe@other.example"' in page
    assert alice.fetch("/@zoe@other.example").location == "/search?q=@zoe@other.example"
    visitor.get("/@zoe@other.example", 404)
    with inside(app):
        stored = posts.get(db.connection(), post)
        assert stored and [who.handle for who in stored.mentions] == ["@bob@remote.example"]


def test_public_posts_of_an_author_in_pages(app: Flask, alice: Visitor) -> None:
    numbers = [
        alice.write(f"n{n}", visibility=v)
        for n, v in enumerate(("public", "followers", "unlisted", "direct"))
    ]
    with inside(app):
        newest, total = posts.by_author(db.connection(), person("alice"), limit=1)
        assert [post.id for post in newest] == [numbers[2]] and total == 2
        older, _ = posts.by_author(db.connection(), person("alice"), before=newest[0].id, limit=1)
        assert [post.id for post in older] == [numbers[0]]


def test_a_transaction_that_somebody_else_begins(app: Flask, alice: Visitor) -> None:
    number = alice.write("Hello", picture_0=file(png()))
    folder = Path(app.config["CHIRP_MEDIA"])
    with db.session(app) as connection:
        for end in (connection.rollback, connection.commit):
            connection.execute("BEGIN IMMEDIATE")
            social.follow(connection, bob(connection), person("alice"))
            posts.delete(connection, posts.one(connection, number))
            assert len(list(folder.iterdir())) == 1, "a file stays as long as the row may come back"
            end()
    assert "follows you" in alice.get("/notifications") and not list(folder.iterdir())


def test_a_subscriber_may_refuse_in_words(app: Flask, alice: Visitor, ben: Visitor) -> None:
    @events.followed.connect_via(app)
    def refuse(_app: Flask, **_values: Any) -> None:
        abort(400, "Not today.")

    response = ben.post("/@alice/follow")
    assert response.status_code == 400 and "Not today." in response.text
    assert "Nobody yet" in ben.get("/@alice/followers")
