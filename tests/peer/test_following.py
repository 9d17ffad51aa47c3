"""chirp and Fedify find and follow each other; requests that wait, signed GETs, what nobody signed."""

from __future__ import annotations

import json
import urllib.error

import pytest
from chirp import IN_EACH_LANGUAGE, Chirp, Visitor
from fedify import Fedify
from ground import Ground, wait_for

pytestmark = IN_EACH_LANGUAGE

FRED = "@fred@fedify.test"
FRIDA = "@frida@fedify.test"
OLGA = "@olga@other.test"


def test_a_profile_is_found(fedify: Fedify, alice: Visitor, alice_uri: str) -> None:
    form = alice.form("/settings", "/settings")
    form["display_name"], form["bio"] = "Alice", "I write about <birds> & #bees"
    alice.send()
    update = fedify.look_up(alice_uri)
    assert update["type"] == "Person"
    assert (update["preferredUsername"], update["name"]) == ("alice", "Alice")
    assert "I write about &lt;birds&gt; &amp;" in update["summary"]
    assert alice.find(FRED) == f"/{FRED}"
    assert alice.sees(f"/{FRED}", "fred writes from a Fedify server.")


def test_follow_and_unfollow_from_chirp(fedify: Fedify, alice: Visitor, alice_uri: str) -> None:
    alice.follow(FRIDA)
    follow = fedify.wait_for_activity("Follow", actor=alice_uri, object=fedify.actor("frida"))
    assert follow["id"].startswith(alice.chirp.origin)
    alice.wait_to_see("/@alice/following", FRIDA)
    assert fedify.followers("frida") == [alice_uri]
    alice.unfollow(FRIDA)
    wait_for(lambda: fedify.followers("frida") == [], what="the Undo")
    assert not alice.sees("/@alice/following", FRIDA)


def test_follow_and_unfollow_from_fedify(fedify: Fedify, alice: Visitor, alice_uri: str) -> None:
    follow = fedify.follow("frida", alice.handle)
    accept = fedify.wait_for_activity("Accept", actor=alice_uri, object=follow["id"])
    assert accept["actor"] == alice_uri
    assert fedify.following("frida") == [alice_uri]
    alice.wait_to_see("/notifications", FRIDA)
    assert alice.sees("/@alice/followers", FRIDA)
    fedify.undo("frida", follow["id"])
    alice.wait_not_to_see("/@alice/followers", FRIDA)


@pytest.mark.parametrize(("answer", "accepted"), [("accept", True), ("decline", False)])
def test_a_follow_that_waits_for_an_answer(chirp: Chirp, fedify: Fedify, answer: str, accepted: bool) -> None:
    carol = chirp.sign_up(f"carol_{answer}")
    form = carol.form("/settings", "/settings")
    form.set_checkbox({"locked": True})
    carol.send()
    follow = fedify.follow("frida", carol.handle)
    carol.wait_to_see("/notifications", FRIDA)
    assert fedify.log("in", object=follow["id"]) == []
    button = carol.open("/notifications").select_one(f'form[action$="/{answer}"]')
    assert button is not None
    carol.press("/notifications", str(button["action"]))
    fedify.wait_for_activity("Accept" if accepted else "Reject", object=follow["id"])
    assert carol.sees(f"/@{carol.name}/followers", FRIDA) is accepted


def test_a_peer_that_wants_signed_gets_and_signs_the_new_way_first(ground: Ground, alice: Visitor) -> None:
    """It answers no unsigned GET, holds follows, and tries RFC 9421 before the older signatures."""
    with Fedify.start(
        ground, "other.test", users="olga", first_scheme="rfc9421", authorized_fetch=True, locked=True
    ) as other:
        alice.follow(OLGA)
        (follow,) = wait_for(other.requests, what="the Follow")
        assert not alice.sees("/@alice/following", OLGA)
        other.answer("olga", follow, accept=True)
        alice.wait_to_see("/@alice/following", OLGA)
        other.post("olga", "<p>behind closed doors</p>")
        alice.wait_for_post("behind closed doors")
        assert other.log("error") == []


def test_the_inbox_refuses_what_nobody_signed(
    chirp: Chirp, fedify: Fedify, alice: Visitor, alice_uri: str
) -> None:
    actor = fedify.look_up(alice_uri)
    forged = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "https://fedify.test/creates/forged",
        "type": "Create",
        "actor": fedify.actor("fred"),
        "to": [alice_uri],
        "object": {
            "id": "https://fedify.test/users/fred/notes/forged",
            "type": "Note",
            "attributedTo": fedify.actor("fred"),
            "content": "<p>never written</p>",
            "to": [alice_uri],
        },
    }
    for inbox in (actor["inbox"], actor["endpoints"]["sharedInbox"]):
        with pytest.raises(urllib.error.HTTPError) as refused:
            chirp.request(
                "POST",
                inbox.removeprefix(chirp.origin),
                json.dumps(forged).encode(),
                Content_Type="application/activity+json",
            )
        refused.value.close()
        assert refused.value.code == 401
    assert not alice.sees("/notifications", "never written")
