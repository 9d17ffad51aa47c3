"""chirp and a stock Fedify server: everything people do to each other, both ways, over TLS and signed.

Fedify logs an activity as "in" only after it has verified the signature and the sender, so whatever is waited
for there was signed the way another implementation understands.
"""

from __future__ import annotations

import struct
import urllib.error
import zlib
from typing import Any

import pytest
from chirp import IN_EACH_LANGUAGE, Chirp, Visitor
from fedify import Fedify
from ground import Ground, wait_for

pytestmark = IN_EACH_LANGUAGE

PUBLIC = ("https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public")
FRED = "@fred@fedify.test"
FRIDA = "@frida@fedify.test"


def many(value: Any) -> list[Any]:
    """A property as a list: ActivityStreams writes one value without brackets."""
    return value if isinstance(value, list) else [] if value is None else [value]


def png() -> bytes:
    """A picture of one red pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\0\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def audience(document: dict[str, Any]) -> set[str]:
    return {"public" if uri in PUBLIC else uri for uri in many(document.get("to")) + many(document.get("cc"))}


# Posts of chirp at Fedify.


@pytest.mark.usefixtures("friends")
def test_a_post_its_edit_and_its_end(fedify: Fedify, alice: Visitor, alice_uri: str) -> None:
    path = alice.post("First words <from> chirp & #Birding\n\nhttps://example.com/a?b=1", language="en")
    note = fedify.wait_for_note("First words &lt;from&gt; chirp &amp; ")
    assert (note["type"], note["attributedTo"]) == ("Note", alice_uri)
    assert "public" in audience(note)
    assert [tag["name"].lower() for tag in many(note["tag"]) if tag["type"] == "Hashtag"] == ["#birding"]
    assert 'href="https://example.com/a?b=1"' in note["content"]
    assert list(note["contentMap"]) == ["en"]

    alice.edit(path, "Second thoughts")
    update = fedify.wait_for_activity("Update", actor=alice_uri, object=note["id"])
    assert "Second thoughts" in update["object"]["content"]
    assert update["object"]["updated"] >= update["object"]["published"]
    assert "Second thoughts" in fedify.look_up(note["id"])["content"]

    alice.delete(path)
    fedify.wait_for_activity("Delete", object=note["id"])
    with pytest.raises(AssertionError, match="nothing found"):
        fedify.look_up(note["id"])


@pytest.mark.usefixtures("friends")
def test_a_mention_behind_a_warning(fedify: Fedify, alice: Visitor) -> None:
    alice.post(f"Hello {FRED}, look", warning="Small talk")
    note = fedify.wait_for_note("look")
    assert (note["summary"], note["sensitive"]) == ("Small talk", True)
    mention = next(tag for tag in many(note["tag"]) if tag["type"] == "Mention")
    assert (mention["href"], mention["name"]) == (fedify.actor("fred"), FRED)
    assert fedify.actor("fred") in audience(note)
    assert 'class="u-url mention"' in note["content"]


@pytest.mark.usefixtures("friends")
def test_a_picture(fedify: Fedify, alice: Visitor, ground: Ground) -> None:
    picture = ground.folder / "dot.png"
    picture.write_bytes(png())
    alice.post("A picture", picture=picture, picture_alt_0="One red dot")
    (attached,) = many(fedify.wait_for_note("A picture")["attachment"])
    assert (attached["mediaType"], attached["name"]) == ("image/png", "One red dot")
    assert (attached["width"], attached["height"]) == (1, 1)
    with alice.chirp.get(attached["url"].removeprefix(alice.chirp.origin)) as served:
        assert served.headers["Content-Type"] == "image/png"


@pytest.mark.usefixtures("friends")
def test_what_is_not_public_stays_so(chirp: Chirp, fedify: Fedify, alice: Visitor) -> None:
    alice.post("For followers only", visibility="followers")
    followers_only = fedify.wait_for_note("For followers only")
    alice.post(f"{FRED} between us", visibility="direct")
    direct = fedify.wait_for_note("between us")
    assert "public" not in audience(followers_only) | audience(direct)
    assert audience(direct) == {fedify.actor("fred")}
    for note in (followers_only, direct):
        for accept in ("application/activity+json", "text/html"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                chirp.get(note["id"].removeprefix(chirp.origin), accept)
            refused.value.close()
            assert refused.value.code == 404


# Posts of Fedify at chirp.


@pytest.mark.usefixtures("friends")
def test_a_remote_post_its_edit_and_its_end(fedify: Fedify, alice: Visitor) -> None:
    note = fedify.post(
        "fred",
        '<p>A letter from <strong>Fedify</strong><script>alert("x")</script></p>',
        language="de",
        hashtags=["post"],
        media=[
            {
                "url": "https://fedify.test/avatars/fred.svg",
                "media_type": "image/svg+xml",
                "alt": "The letter F",
            }
        ],
    )
    path = alice.wait_for_post("A letter from Fedify")
    page = alice.open(path)
    assert page.find("strong", string="Fedify") is not None
    assert page.find("script") is None
    assert "alert(" not in page.get_text()
    assert alice.find(note["id"]) == path
    fedify.update("fred", note["id"], "<p>A letter, rewritten</p>")
    alice.wait_to_see(path, "A letter, rewritten")
    fedify.delete("fred", note["id"])
    wait_for(lambda: alice.post_with("A letter, rewritten") is None, what="the Delete")


@pytest.mark.usefixtures("friends")
def test_a_direct_message_reaches_only_whom_it_names(chirp: Chirp, fedify: Fedify, alice: Visitor) -> None:
    other = chirp.sign_up("bystander")
    fedify.post("fred", "<p>only for you</p>", visibility="direct", mentions=[alice.handle])
    alice.wait_to_see("/notifications", "only for you")
    path = alice.wait_for_post("only for you")
    assert other.status(path) == 404


# Likes, boosts, replies.


@pytest.mark.usefixtures("friends")
def test_likes_and_boosts_from_chirp(fedify: Fedify, alice: Visitor, alice_uri: str) -> None:
    note = fedify.post("fred", "<p>like this one</p>")
    path = alice.wait_for_post("like this one")
    for action, kind in (("like", "Like"), ("boost", "Announce")):
        alice.react(path, action)
        done = fedify.wait_for_activity(kind, actor=alice_uri, object=note["id"])
        alice.react(path, f"un{action}")
        fedify.wait_for_activity("Undo", actor=alice_uri, object=done["id"])


@pytest.mark.usefixtures("friends")
def test_likes_and_boosts_from_fedify(fedify: Fedify, alice: Visitor) -> None:
    path = alice.post("Like me, boost me")
    uri = fedify.wait_for_note("Like me, boost me")["id"]
    for act, told in ((fedify.like, "likes your post"), (fedify.announce, "boosted your post")):
        done = act("frida", uri)
        wait_for(lambda: alice.reactions(path) == {FRIDA}, what="the reaction")
        assert alice.sees("/notifications", told)
        fedify.undo("frida", done["id"])
        wait_for(lambda: alice.reactions(path) == set(), what="the Undo")


@pytest.mark.usefixtures("friends")
def test_an_activity_counts_once_however_often_it_comes(fedify: Fedify, alice: Visitor) -> None:
    path = alice.post("Say it once")
    like = fedify.like("frida", fedify.wait_for_note("Say it once")["id"])
    fedify.repeat("frida", like["id"], times=6)  # at once, over two server processes
    wait_for(lambda: alice.reactions(path) == {FRIDA}, what="the Like")
    fedify.undo("frida", like["id"])
    wait_for(lambda: alice.reactions(path) == set(), what="the Undo")
    fedify.repeat("frida", like["id"], times=1)
    assert alice.reactions(path) == set()


@pytest.mark.usefixtures("friends")
def test_a_boost_brings_the_post_of_a_stranger(fedify: Fedify, alice: Visitor) -> None:
    note = fedify.post("frida", "<p>passed on by Fred</p>")
    fedify.announce("fred", note["id"])
    path = alice.wait_for_post("passed on by Fred")
    assert alice.sees(path, FRIDA)


@pytest.mark.usefixtures("friends")
def test_a_thread_with_replies_from_both_sides(fedify: Fedify, alice: Visitor) -> None:
    path = alice.post("The start of a thread")
    start = fedify.wait_for_note("The start of a thread")
    reply = fedify.post(
        "fred", "<p>an answer from afar</p>", in_reply_to=start["id"], mentions=[alice.handle]
    )
    answer = alice.wait_for_post("an answer from afar", path)
    alice.wait_to_see("/notifications", "an answer from afar")
    alice.post(f"{FRED} and one from here", reply_to=answer)
    assert fedify.wait_for_note("and one from here")["inReplyTo"] == reply["id"]
    fedify.delete("fred", reply["id"])
    wait_for(lambda: alice.post_with("an answer from afar", path) is None, what="the Delete")


def test_nothing_failed_on_the_way(fedify: Fedify) -> None:
    """In all of the above, Fedify took every activity at the first try and met no error."""
    assert {(entry["scheme"], entry["status"]) for entry in fedify.log("request")} == {("cavage", 202)}
    assert fedify.log("error") + fedify.log("refused") == []
