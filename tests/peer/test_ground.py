"""Checks the ground itself: two Fedify servers meet on it, with TLS and signatures on.

If this fails, the fault lies in the set-up and not in fedigraft.
"""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from fedify import Fedify
from ground import Ground, wait_for


@pytest.fixture(scope="module")
def other(ground: Ground) -> Iterator[Fedify]:
    """A second Fedify that reads nothing unsigned to anyone, holds follows and signs by RFC 9421."""
    with Fedify.start(
        ground, "other.test", users="olga", first_scheme="rfc9421", authorized_fetch=True, locked=True
    ) as peer:
        yield peer


def test_two_servers_federate(fedify: Fedify, other: Fedify) -> None:
    # Follow, held, accepted; and the way back.
    follow = fedify.follow("fred", other.handle("olga"))
    other.wait_for_activity("Follow", id=follow["id"])
    assert fedify.following("fred") == []
    other.answer("olga", follow["id"], accept=True)
    assert fedify.following("fred") == [other.actor("olga")]
    assert other.followers("olga") == [fedify.actor("fred")]
    back = other.follow("olga", fedify.handle("fred"))
    wait_for(lambda: other.following("olga") == [fedify.actor("fred")])

    # A post with all that a post can have, its edit, a like and a boost, both undone.
    post = fedify.post(
        "fred",
        "<p>hello</p>",
        mentions=[other.handle("olga")],
        hashtags=["ground"],
        language="en",
        media=[{"url": "https://fedify.test/avatars/fred.svg", "media_type": "image/svg+xml", "alt": "F"}],
    )
    received = other.wait_for_activity("Create", actor=fedify.actor("fred"))["object"]
    assert (received["id"], received["content"]) == (post["id"], "<p>hello</p>")
    fedify.update("fred", post["id"], "<p>hello again</p>")
    assert other.wait_for_activity("Update")["object"]["content"] == "<p>hello again</p>"
    like = other.like("olga", post["id"])
    boost = other.announce("olga", post["id"])
    fedify.wait_for_activity("Like", object=post["id"])
    fedify.wait_for_activity("Announce", object=post["id"])
    for undone in (like, boost):
        other.undo("olga", undone["id"])
        fedify.wait_for_activity("Undo", object=undone["id"])

    # A reply, and the end of it all.
    reply = other.post("olga", "<p>hi</p>", in_reply_to=post["id"])
    assert fedify.wait_for_activity("Create")["object"]["inReplyTo"] == post["id"]
    other.delete("olga", reply["id"])
    fedify.wait_for_activity("Delete", object=reply["id"])
    other.undo("olga", back["id"])
    wait_for(lambda: fedify.followers("fred") == [])

    # Both signature schemes were at work, and nothing was unsigned or failed.
    assert {entry["scheme"] for entry in other.log("request")} == {"cavage"}
    assert {entry["scheme"] for entry in fedify.log("request")} == {"rfc9421"}
    assert {entry["status"] for entry in fedify.log("request") + other.log("request")} == {202}
    assert fedify.log("error") + other.log("error") == []


def test_a_rejected_follow_leaves_no_follower(fedify: Fedify, other: Fedify) -> None:
    follow = fedify.follow("frida", other.handle("olga"))
    other.answer("olga", follow["id"], accept=False)
    fedify.wait_for_activity("Reject", object=follow["id"])
    assert fedify.following("frida") == []


def test_the_peer_verifies(ground: Ground, fedify: Fedify, other: Fedify) -> None:
    """An unsigned activity, and an unsigned GET where GETs must be signed, are refused."""
    forged = (
        b'{"@context":"https://www.w3.org/ns/activitystreams","type":"Like","id":"https://other.test/likes/1",'
        b'"actor":"https://other.test/users/olga","object":"https://fedify.test/users/fred"}'
    )
    headers = {"Content-Type": "application/activity+json", "Accept": "application/activity+json"}
    trust = ssl.create_default_context(cafile=str(ground.authority))
    for url, body in ((f"{fedify.origin}/inbox", forged), (other.actor("olga"), None)):
        request = urllib.request.Request(url, body, headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, context=trust, timeout=10)
        refused.value.close()
        assert refused.value.code == 401
    assert fedify.log("in", id="https://other.test/likes/1") == []
