"""chirps in two languages meet: everything people do to each other, both ways, over TLS and signed.

Both sides keep the same rules, so what one of them is wrong about shows on the pages of the other. Each test
runs with the writer on the one side and then on the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from chirp import Chirp, Visitor
from ground import Ground, wait_for
from test_fedify import png

PAIRS = [("python", "ruby"), ("python", "go"), ("ruby", "go")]


@dataclass
class Pair:
    """Two chirps with a person at each; they follow each other."""

    chirps: tuple[Chirp, Chirp]
    people: tuple[Visitor, Visitor]


@pytest.fixture(scope="module", params=PAIRS, ids="-".join)
def pair(ground: Ground, request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Ann at chirp.test and Bob at other.test."""
    one, two = request.param
    with (
        Chirp.start(ground, "chirp.test", language=one) as here,
        Chirp.start(ground, "other.test", language=two) as there,
    ):
        ann, bob = here.sign_up("ann"), there.sign_up("bob")
        ann.follow(bob.handle)
        bob.follow(ann.handle)
        for person, other in ((ann, bob), (bob, ann)):
            person.wait_to_see(f"/@{person.name}/following", other.handle)
            person.wait_to_see(f"/@{person.name}/followers", other.handle)
        yield Pair((here, there), (ann, bob))


@pytest.fixture(params=[0, 1], ids=["there", "back"])
def way(pair: Pair, request: pytest.FixtureRequest) -> tuple[Visitor, Visitor]:
    """Who writes and who reads."""
    return pair.people[request.param], pair.people[1 - request.param]


@pytest.fixture
def writer(way: tuple[Visitor, Visitor]) -> Visitor:
    """Who acts."""
    return way[0]


@pytest.fixture
def reader(way: tuple[Visitor, Visitor]) -> Visitor:
    """Who sees it on the other side."""
    return way[1]


def test_a_post_its_edit_and_its_end(writer: Visitor, reader: Visitor) -> None:
    own = writer.post(f"Grüße <an> & {reader.handle} #Vögel\n\nhttps://example.com/a?b=1&c=2", language="de")
    copy = reader.wait_for_post("Grüße <an> & ")
    page = reader.open(copy)
    article = page.find(id=copy.replace("/posts/", "post-"))
    assert article is not None
    assert [str(a["class"]) for a in article.select("a.mention.hashtag")] != []
    assert article.select_one("a.u-url.mention[href]:not(.hashtag)") is not None
    assert article.select_one('a[href="https://example.com/a?b=1&c=2"]') is not None
    assert article.select_one('[lang="de"]') is not None
    reader.wait_to_see("/notifications", "mentioned you")

    writer.edit(own, "Second thoughts")
    reader.wait_to_see(copy, "Second thoughts")
    assert not reader.sees(copy, "Grüße")

    writer.delete(own)
    wait_for(lambda: reader.status(copy) in (404, 410), what="the Delete")


def test_a_picture_behind_a_warning(writer: Visitor, reader: Visitor, ground: Ground) -> None:
    picture = ground.folder / "dot.png"
    picture.write_bytes(png())
    text = f"Look at this, says {writer.name}"
    writer.post(text, picture=picture, picture_alt_0="One red dot", warning="Red")
    article = reader.open(reader.wait_for_post(text))
    shown = article.select_one('img[alt="One red dot"]')
    assert shown is not None
    assert str(shown["src"]).startswith(writer.chirp.origin)
    with writer.chirp.get(str(shown["src"]).removeprefix(writer.chirp.origin)) as served:
        assert served.headers["Content-Type"] == "image/png"
    assert article.find("summary", string="Red") is not None


@pytest.mark.parametrize("action", ["like", "boost"])
def test_a_reaction_and_its_end(writer: Visitor, reader: Visitor, action: str) -> None:
    text = f"Please {action} me, says {writer.name}"
    own = writer.post(text)
    copy = reader.wait_for_post(text)
    reader.react(copy, action)
    wait_for(lambda: writer.reactions(own) == {reader.handle}, what=f"the {action}")
    assert writer.sees("/notifications", {"like": "likes your post", "boost": "boosted your post"}[action])
    reader.react(copy, f"un{action}")
    wait_for(lambda: writer.reactions(own) == set(), what="the Undo")


def test_a_thread_from_both_sides(writer: Visitor, reader: Visitor) -> None:
    start, answer = f"{writer.name} starts a thread", f"{reader.name} answers from afar"
    own = writer.post(start)
    copy = reader.wait_for_post(start)
    reply = reader.post(f"{writer.handle} {answer}", reply_to=copy)
    arrived = writer.wait_for_post(answer, own)
    writer.wait_to_see("/notifications", answer)
    writer.post(f"{reader.handle} and one from here", reply_to=arrived)
    reader.wait_to_see(copy, "and one from here")
    reader.delete(reply)
    wait_for(lambda: writer.post_with(answer, own) is None, what="the Delete")


@pytest.mark.parametrize("visibility", ["followers", "direct"])
def test_what_is_not_public_stays_so(pair: Pair, writer: Visitor, reader: Visitor, visibility: str) -> None:
    text = f"{reader.handle} this is for {visibility} only, says {writer.name}"
    own = writer.post(text, visibility=visibility)
    copy = reader.wait_for_post(f"this is for {visibility} only, says {writer.name}")
    for chirp, path in ((writer.chirp, own), (reader.chirp, copy)):
        bystander = chirp.sign_up(f"by_{writer.name}_{visibility}")
        assert bystander.status(path) == 404


def test_a_profile_and_its_change(writer: Visitor, reader: Visitor) -> None:
    form = writer.form("/settings", "/settings")
    form["display_name"], form["bio"] = f"{writer.name.title()} of <old>", "I write about <birds> & #bees"
    writer.send()
    reader.wait_to_see(f"/{writer.handle}", f"{writer.name.title()} of <old>")
    reader.wait_to_see(f"/{writer.handle}", "I write about <birds> &")


def test_a_follow_that_waits_for_an_answer(writer: Visitor, reader: Visitor) -> None:
    shy = reader.chirp.sign_up(f"shy_{writer.name}")
    form = shy.form("/settings", "/settings")
    form.set_checkbox({"locked": True})
    shy.send()
    writer.follow(shy.handle)
    shy.wait_to_see("/notifications", "asks to follow you")
    assert not writer.sees(f"/@{writer.name}/following", shy.handle)
    button = shy.open("/notifications").select_one('form[action$="/accept"]')
    assert button is not None
    shy.press("/notifications", str(button["action"]))
    writer.wait_to_see(f"/@{writer.name}/following", shy.handle)
    writer.unfollow(shy.handle)
    shy.wait_not_to_see(f"/@{shy.name}/followers", writer.handle)


def test_a_post_is_found_by_its_address(writer: Visitor, reader: Visitor) -> None:
    stranger, text = writer.chirp.sign_up(f"stranger_{reader.name}"), f"Does {reader.name} know me?"
    own = stranger.post(text)
    found = reader.find(f"{stranger.chirp.origin}/ap{own}")
    assert reader.sees(found, text)
    reader.react(found, "boost")
    wait_for(lambda: stranger.reactions(own) == {reader.handle}, what="the boost")
    writer.wait_for_post(text)  # who follows the booster, a neighbour of the stranger's
