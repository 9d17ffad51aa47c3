"""Somebody from outside: Fred, whose server runs Fedify, ActivityPub software that this project did not write.

Fedify is driven by its control port, as in the tests (``tests/peer/fedify.py``). It logs an activity as come in only
after it has verified the signature, so what is waited for there was signed the way others expect it.
"""

from __future__ import annotations

import functools
import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from fedify import Fedify
from ground import wait_for
from stage import Place, say
from story import names, seen, step, title
from visitor import Visitor

FRED = "fred"


@contextmanager
def fedify(at: Place) -> Iterator[Fedify]:
    """A Fedify server behind this address."""
    settings = {
        "PEER_ORIGIN": at.origin,
        "PEER_ADDRESS": "127.0.0.1",
        "PEER_PORT": str(at.inner),
        "PEER_USERS": FRED,
        "PEER_FIRST_SCHEME": "cavage",
    }
    with Fedify.with_settings(settings, at.log) as peer:
        yield peer


def play(peer: Fedify, people: list[Visitor]) -> None:
    """What people do to each other, between Fred and each of the others."""
    actors = follow_each_other(peer, people)
    fred_writes(peer, people, actors)
    fred_reads(peer, people, actors)
    if trouble := peer.log("error") + peer.log("refused"):
        raise AssertionError(f"Fedify met errors: {trouble}")
    seen("Fedify has verified every signature and met no error.")


def follow_each_other(peer: Fedify, people: list[Visitor]) -> dict[str, str]:
    """Both ways; gives the URI of everybody's actor."""
    fred = peer.handle(FRED)
    step(f"Fred, whose server runs Fedify, follows {names(people)}.")
    actors = {person.name: actor_of(person, peer) for person in people}
    for person in people:
        peer.follow(FRED, actors[person.name])
    for person in people:
        peer.wait_for_activity("Accept", actor=actors[person.name])
        person.wait_to_see(f"/@{person.name}/followers", fred)
        person.wait_to_see("/notifications", "Fred follows you")
    seen(f"Fred is among the followers of {names(people)}, and their answers have reached him.")

    step(f"{names(people)} {'follow' if len(people) > 1 else 'follows'} him back.")
    for person in people:
        person.follow(fred)
    for person in people:
        person.wait_to_see(f"/@{person.name}/following", fred)
    wait_for(lambda: set(actors.values()) <= set(peer.followers(FRED)), what="Fred's followers")
    seen("His answers have come back.")
    return actors


def actor_of(person: Visitor, peer: Fedify) -> str:
    """The URI of somebody's actor. Fedify looks handles up by https only, so on this stage it is told the URI."""
    query = urlencode({"resource": f"acct:{person.handle.removeprefix('@')}"})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    direct.addheaders = [("User-Agent", f"demo (+{peer.origin}/)")]
    with direct.open(f"{person.origin}/.well-known/webfinger?{query}", timeout=30) as answer:
        links = json.load(answer)["links"]
    return str(next(link["href"] for link in links if link["rel"] == "self"))


def fred_writes(peer: Fedify, people: list[Visitor], actors: dict[str, str]) -> None:
    """A note of Fedify and its life on the chirps."""
    fred = peer.handle(FRED)
    step(
        f"Fred writes a note that mentions {title(people[0])} and has a picture.",
        "Greetings from another kind of server. #birds here too!",
    )
    note = peer.post(
        FRED,
        "<p>Greetings from <strong>another kind of server</strong>. "
        f'<a href="{peer.origin}/tags/birds">#birds</a> here too!</p>',
        mentions=[actors[people[0].name]],
        hashtags=["birds"],
        media=[
            {"url": f"{peer.origin}/avatars/{FRED}.svg", "media_type": "image/svg+xml", "alt": "The letter F"}
        ],
    )
    copies = {person.name: person.wait_for_post("Greetings from another kind") for person in people}
    for person in people:
        if 'alt="The letter F' not in person.page(copies[person.name]):
            raise AssertionError(f"expected Fred's picture on the page of {person.handle}")
    people[0].wait_to_see("/notifications", "Greetings from another kind")
    seen(f"It stands on the pages of {names(people)}.")

    step(f"{names(people)}: a like, a boost, a reply.", f"Welcome, {fred}!")
    for person in people:
        copy = copies[person.name]
        person.press(copy, f"{copy}/like")
        person.press(copy, f"{copy}/boost")
        person.post(f"Welcome, {fred}! This is {title(person)}.", reply_to=copy)
    for person in people:
        for kind in ("Like", "Announce"):
            peer.wait_for_activity(kind, actor=actors[person.name], object=note["id"])
        if peer.wait_for_note(f"This is {title(person)}.")["inReplyTo"] != note["id"]:
            raise AssertionError(f"expected the reply of {person.handle} below {note['id']}")
    seen("All of it has reached Fred.")

    step("Fred corrects his note, and deletes it in the end.", "Greetings from Fedify.")
    peer.update(FRED, note["id"], "<p>Greetings from Fedify.</p>")
    for person in people:
        person.wait_to_see(copies[person.name], "Greetings from Fedify.")
    seen(f"The change has reached {names(people)}.")
    peer.delete(FRED, note["id"])
    for person in people:
        person.wait_to_be_gone(copies[person.name])
    seen("It is gone everywhere.")


def fred_reads(peer: Fedify, people: list[Visitor], actors: dict[str, str]) -> None:
    """A post of each chirp and its life at Fedify."""
    fred = peer.handle(FRED)
    for person in people:
        text = f"{fred}, how are things at the Fen? Yours, {title(person)}"
        answer = f"Wet, {title(person)}, and full of snipe."
        step(f"{title(person)} writes to Fred, who likes it, boosts it and replies.", text)
        say(f"      “{answer}”", "3")
        post = person.post(text)
        note = peer.wait_for_note(f"Yours, {title(person)}")
        peer.like(FRED, note["id"])
        peer.announce(FRED, note["id"])
        peer.post(FRED, f"<p>{answer}</p>", in_reply_to=note["id"], mentions=[actors[person.name]])
        person.wait_to_see(post, answer)
        for word in ("likes your post", "boosted your post", "replied to you"):
            person.wait_to_see("/notifications", f"Fred {word}")
        seen(f"{title(person)} sees it all.")
        copies = [
            (other, other.wait_for_post(f"Yours, {title(person)}")) for other in people if other is not person
        ]
        person.edit(post, f"{fred}, how deep is the water at the Fen now? Yours, {title(person)}")
        arrived = functools.partial(peer.wait_for_activity, actor=actors[person.name], object=note["id"])
        if "how deep is the water" not in arrived("Update")["object"]["content"]:
            raise AssertionError("expected the new words at Fedify")
        person.press(f"{post}/delete", f"{post}/delete")
        arrived("Delete")
        for other, copy in copies:
            other.wait_to_be_gone(copy)
        seen(f"And Fred sees {title(person)} correct the post and delete it.")
