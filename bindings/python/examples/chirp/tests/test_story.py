"""The whole site as people use it: from signing up to notifications."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from conftest import ORIGIN, Visitor, file, inside, person, png
from flask import Flask

from chirp import db, people


def test_signing_up_logging_out_and_in(visitor: Visitor) -> None:
    visitor.join("Alice_1", display_name="Alice")
    assert "Welcome to Chirp, Alice!" in visitor.get("/")
    visitor.act("/logout")
    assert "Log in" in visitor.get("/local")
    assert visitor.post("/login", {"name": "alice_1", "password": "wrong horse"}).status_code == 401
    assert visitor.post("/login", {"name": "nobody", "password": "correct horse"}).status_code == 401
    visitor.act("/login", name="@ALICE_1", password="correct horse")
    assert "Alice" in visitor.get("/settings")


def test_a_name_is_taken_once_and_has_its_letters(visitor: Visitor, alice: Visitor) -> None:
    for name, why in (("ALICE", "taken"), ("a b", "letters"), ("", "letters"), ("x" * 31, "letters")):
        response = visitor.post("/signup", {"name": name, "password": "correct horse"}, page="/signup")
        assert response.status_code == 400 and why in response.text
    response = visitor.post("/signup", {"name": "short", "password": "1234567"}, page="/signup")
    assert response.status_code == 400 and "at least 8" in response.text


def test_sign_up_can_be_closed(app: Flask, visitor: Visitor) -> None:
    app.config["CHIRP_SIGN_UP"] = False
    visitor.get("/signup", 404)
    assert visitor.post("/signup", {"name": "zoe", "password": "correct horse"}).status_code == 404


def test_a_login_comes_back_to_the_page_but_never_leaves_the_site(visitor: Visitor, alice: Visitor) -> None:
    response = visitor.fetch("/notifications")
    assert response.status_code == 302 and "next=/notifications" in response.location
    form = {"name": "alice", "password": "correct horse"}
    assert visitor.post("/login", {**form, "next": "/notifications"}).location == "/notifications"
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "\t//evil.example"):
        assert visitor.post("/login", {**form, "next": elsewhere}, page="/@alice/followers").location == "/"


def test_a_new_password_ends_other_sessions(app: Flask, alice: Visitor) -> None:
    phone = Visitor(app)
    phone.act("/login", name="alice", password="correct horse")
    wrong = alice.post("/settings/password", {"old": "no", "new": "battery staple"})
    assert wrong.status_code == 400
    alice.act("/settings/password", old="correct horse", new="battery staple")
    alice.get("/notifications")
    assert phone.fetch("/notifications").status_code == 302
    assert phone.post("/login", {"name": "alice", "password": "correct horse"}).status_code == 401


def test_home_shows_whom_one_follows_and_local_everyone(alice: Visitor, ben: Visitor, chloe: Visitor) -> None:
    ben.write("Bread is in the oven.")
    chloe.write("Drawing a poster.")
    assert "Nothing here yet" in alice.get("/")
    alice.act("/@ben/follow")
    home = alice.get("/")
    assert "Bread is in the oven." in home and "Drawing a poster." not in home
    local = alice.get("/local")
    assert local.index("Drawing a poster.") < local.index("Bread is in the oven.")
    alice.act("/@ben/unfollow")
    assert "Bread" not in alice.get("/")


def test_a_boost_carries_a_post_to_followers_once(alice: Visitor, ben: Visitor, chloe: Visitor) -> None:
    post = chloe.write("Look at this.")
    alice.act("/@ben/follow")
    ben.act(f"/posts/{post}/boost")
    home = alice.get("/")
    assert home.count("Look at this.") == 1 and re.search(r"Ben Okafor</a>(\s|&nbsp;)*boosted", home)
    assert "Look at this." in alice.get("/@ben")
    alice.act("/@chloe/follow")
    assert alice.get("/").count("Look at this.") == 1
    ben.act(f"/posts/{post}/unboost")
    assert "Look at this." not in alice.get("/@ben")


def test_older_posts_come_page_by_page(alice: Visitor) -> None:
    for number in range(45):
        alice.write(f"number {number:03}")
    seen: list[str] = []
    path: str | None = "/"
    while path:
        page = alice.get(path)
        seen += re.findall(r"number \d{3}", page)
        link = re.search(r'href="(\?older=[^"]+)"', page)
        path = "/" + link[1] if link else None
    assert seen == [f"number {number:03}" for number in reversed(range(45))]
    assert alice.get("/?older=nonsense_x") and alice.get("/?older=" + "9" * 40)


def test_a_profile_with_fields_links_and_picture(alice: Visitor, visitor: Visitor) -> None:
    alice.act(
        "/settings",
        display_name="Alice M.",
        bio="Gardener.\nSee #seeds",
        field_name_0="Website",
        field_value_0="https://alice.example/me",
        discoverable="on",
        avatar=file(png(40, 40)),
    )
    page = visitor.get("/@alice")
    assert "Alice M." in page and '<a href="/tags/seeds"' in page
    assert re.search(r'<a href="https://alice.example/me" rel="me [^"]*">alice.example/me</a>', page)
    avatar = re.search(r'<img class="avatar large" src="(/media/[^"]+)"', page)
    assert avatar and visitor.fetch(avatar[1]).data == png(40, 40)
    alice.act("/settings", display_name="Alice M.", remove_avatar="on")
    assert visitor.fetch(avatar[1]).status_code == 404
    assert visitor.fetch("/@ALICE").location == "/@alice"


def test_followers_and_following_are_counted_and_listed(
    alice: Visitor, ben: Visitor, visitor: Visitor
) -> None:
    ben.act("/@alice/follow")
    assert re.search(r"<b>1</b>\s*follower\b", visitor.get("/@alice"))
    assert "@ben" in visitor.get("/@alice/followers") and "@alice" in visitor.get("/@ben/following")
    assert "follows you" in alice.get("/@ben") and "Follow back" in alice.get("/@ben")
    alice.act("/@ben/remove-follower")
    assert "Nobody yet" in visitor.get("/@alice/followers")


def test_a_locked_person_answers_requests(alice: Visitor, ben: Visitor, chloe: Visitor) -> None:
    alice.act("/settings", display_name="Alice", locked="on", discoverable="on")
    ben.act("/@alice/follow")
    chloe.act("/@alice/follow")
    assert "Requested" in ben.get("/@alice") and "Nobody yet" in ben.get("/@alice/followers")
    listed = alice.get("/notifications")
    ids = dict(
        re.findall(r'class="who"><a href="/@(\w+)">.*?action="/requests/(\d+)/accept"', listed, re.DOTALL)
    )
    assert set(ids) == {"ben", "chloe"}
    alice.act(f"/requests/{ids['ben']}/accept")
    alice.act(f"/requests/{ids['chloe']}/decline")
    assert "@ben" in ben.get("/@alice/followers") and "@chloe" not in ben.get("/@alice/followers")
    assert "lets you follow them" in ben.get("/notifications")
    assert "lets you" not in chloe.get("/notifications")


def test_a_thread_reads_from_top_to_bottom(alice: Visitor, ben: Visitor, visitor: Visitor) -> None:
    first = alice.write("What is for dinner?")
    second = ben.write("@alice Soup.", reply_to=first, visibility="public")
    third = alice.write("@ben Again?", reply_to=second)
    other = ben.write("And bread.", reply_to=first)
    page = visitor.get(f"/posts/{first}")
    places = [page.index(f'id="post-{number}"') for number in (first, second, third, other)]
    assert places == sorted(places)
    middle = visitor.get(f"/posts/{second}").partition("<h1")[2]
    assert middle.index("What is for dinner?") < middle.index("Soup.") < middle.index("Again?")
    opened = ben.get(f"/compose?reply_to={third}")
    assert re.search(r"<textarea[^>]*>@alice </textarea>", opened)
    alice.act(f"/posts/{first}/delete")
    assert "The beginning of this thread is gone" in visitor.get(f"/posts/{second}")


def test_pictures_with_descriptions(alice: Visitor, visitor: Visitor, app: Flask) -> None:
    post = alice.write(
        "Beds",
        picture_0=file(png(30, 20, b"GPS\0 47.1 N")),
        picture_alt_0='Rows of "kale" <ready>',
        picture_1=file(png(5, 5)),
        sensitive="on",
    )
    page = visitor.get(f"/posts/{post}")
    images = re.findall(r'<img src="(/media/[^"]+)" alt="([^"]*)" width="(\d+)" height="(\d+)"', page)
    assert [image[1:] for image in images] == [
        ("Rows of &#34;kale&#34; &lt;ready&gt;", "30", "20"),
        ("", "5", "5"),
    ]
    assert "Sensitive picture" in page
    stored = visitor.fetch(images[0][0])
    assert stored.data == png(30, 20), "what the camera wrote must not leave"
    assert stored.mimetype == "image/png" and "immutable" in stored.headers["Cache-Control"]
    assert stored.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    alice.act(f"/posts/{post}/edit", text="Beds", alt_0="Kale", remove_1="on", picture_0=file(png(7, 7)))
    page = visitor.get(f"/posts/{post}")
    assert 'alt="Kale"' in page and 'width="7"' in page and 'width="5"' not in page
    assert visitor.fetch(images[0][0]).status_code == 200
    assert visitor.fetch(images[1][0]).status_code == 404
    alice.act(f"/posts/{post}/delete")
    assert list(Path(app.config["CHIRP_MEDIA"]).iterdir()) == []


def test_a_content_warning_folds_the_post(alice: Visitor, visitor: Visitor) -> None:
    post = alice.write("The butler did it.", warning="Spoiler: the ending", language="en")
    page = visitor.get(f"/posts/{post}")
    assert re.search(
        r"<details class=\"fold\"><summary>Spoiler: the ending</summary>.*butler", page, re.DOTALL
    )
    assert '<div class="text" lang="en"' in page


def test_editing_says_so_and_only_the_author_can(alice: Visitor, ben: Visitor) -> None:
    post = alice.write("Tpyo #first")
    alice.act(f"/posts/{post}/edit", text="Typo #second", language="de")
    page = ben.get(f"/posts/{post}")
    assert "Typo" in page and "edited" in page and "Tpyo" not in page and 'lang="de"' in page
    assert "Typo" in ben.get("/tags/second") and "Typo" not in ben.get("/tags/first")
    for action in ("edit", "delete"):
        ben.get(f"/posts/{post}/{action}", 403)
        assert ben.post(f"/posts/{post}/{action}", {"text": "mine"}).status_code == 403
    assert alice.post(f"/posts/{post}/edit", {"text": " "}).status_code == 400
    alice.act(f"/posts/{post}/delete")
    ben.get(f"/posts/{post}", 404)


def test_likes_count_once_and_can_be_taken_back(alice: Visitor, ben: Visitor) -> None:
    post = alice.write("Hello")
    for _ in range(2):
        ben.act(f"/posts/{post}/like")
    page = ben.get(f"/posts/{post}")
    assert 'aria-pressed="true" title="Like"' in page and "Liked by" in page
    ben.act(f"/posts/{post}/unlike")
    assert "Liked by" not in ben.get(f"/posts/{post}")


def test_notifications_tell_each_thing_once(alice: Visitor, ben: Visitor, chloe: Visitor) -> None:
    post = alice.write("Hello, is anybody here?")
    ben.act("/@alice/follow")
    ben.act(f"/posts/{post}/like")
    ben.act(f"/posts/{post}/boost")
    ben.write("@alice I am", reply_to=post)
    chloe.write("hey @alice and @Alice and @ben")
    assert re.search(r'class="badge">5', alice.get("/local"))
    page = alice.get("/notifications")
    for words in ("follows you", "likes your post", "boosted your post", "replied to you", "mentioned you"):
        assert page.count(words) == 1, words
    assert 'class="badge"' not in alice.get("/local")
    ben.act(f"/posts/{post}/unlike")
    ben.act("/@alice/unfollow")
    page = alice.get("/notifications")
    assert "likes your post" not in page and "follows you" not in page
    alice.write("@alice talking to myself")
    assert alice.get("/notifications").count("mentioned you") == 1


def test_an_edit_tells_only_those_newly_named(alice: Visitor, ben: Visitor, chloe: Visitor) -> None:
    post = alice.write("@ben hello")
    alice.act(f"/posts/{post}/edit", text="@ben @chloe hello")
    assert ben.get("/notifications").count("mentioned you") == 1
    assert chloe.get("/notifications").count("mentioned you") == 1


def test_search(alice: Visitor, ben: Visitor, visitor: Visitor) -> None:
    alice.act("/settings", display_name="Alice Martin")  # not discoverable
    assert "@ben" in visitor.get("/search?q=okaf") and "@ben" in visitor.get("/search?q=@be")
    assert "/@alice" not in visitor.get("/search?q=martin") and "/@alice" in visitor.get("/search?q=alice")
    assert "Nobody is called that" in visitor.get("/search?q=%25")
    post = ben.write("#Bread")
    moves = {
        "%23bread": "/tags/bread",
        "@ben@chirp.example": "/@ben",
        "http://chirp.example/@ben": "/@ben",
        f"http://chirp.example/posts/{post}": f"/posts/{post}",
    }
    for query, place in moves.items():
        assert visitor.fetch(f"/search?q={query}").location == place
    assert "Log in to look it up" in visitor.get("/search?q=@bob@remote.example")
    assert "could not be found" in alice.get("/search?q=@bob@remote.example")


def test_a_hashtag_page_holds_public_posts(alice: Visitor, visitor: Visitor) -> None:
    alice.write("one #Café")
    alice.write("two #café", visibility="unlisted")
    page = visitor.get("/tags/caf%C3%A9")
    assert "one" in page and "two" not in page


def test_the_feed_is_well_formed(alice: Visitor, visitor: Visitor) -> None:
    alice.write("<b>Tom & Jerry</b> ]]>", picture_0=file(png()), picture_alt_0='"a" & <b>')
    alice.write("for friends", visibility="followers")
    response = visitor.fetch("/@alice/feed.atom")
    assert response.mimetype == "application/atom+xml"
    feed = ET.fromstring(response.data)  # noqa: S314  our own output
    contents = [node.text or "" for node in feed.iter("{http://www.w3.org/2005/Atom}content")]
    assert len(contents) == 1 and "&lt;b&gt;Tom &amp; Jerry" in contents[0]
    assert f'<img src="{ORIGIN}/media/' in contents[0] and 'alt="&#34;a&#34; &amp; &lt;b&gt;"' in contents[0]


def test_the_commands(app: Flask, visitor: Visitor) -> None:
    run = app.test_cli_runner().invoke
    assert "ready" in run(args=["init-db"]).output
    assert "@zoe can log in" in run(args=["add-person", "zoe", "--password", "correct horse"]).output
    assert run(args=["add-person", "zoe", "--password", "correct horse"]).exit_code == 1
    visitor.act("/login", name="zoe", password="correct horse")
    assert run(args=["set-password", "zoe", "--password", "battery staple"]).exit_code == 0
    assert visitor.fetch("/notifications").status_code == 302
    with inside(app), db.transaction() as connection:
        people.sign_up(connection, "sue", "correct horse", federated=True)
        assert person("sue").federated and not person("zoe").federated


def test_without_a_database_the_error_says_what_to_do(tmp_path: Path) -> None:
    from chirp import create_app

    settings = {"CHIRP_DATABASE": str(tmp_path / "none" / "x.sqlite"), "CHIRP_MEDIA": str(tmp_path)}
    app = create_app(settings)
    app.testing = True
    try:
        app.test_client().get("/local")
    except db.NotPrepared as error:
        assert "init-db" in str(error)
    else:
        raise AssertionError("it must say that there is no database")
