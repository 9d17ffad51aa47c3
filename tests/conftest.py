"""Fixtures of the network tests: one ground for each module, and the servers on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chirp import Chirp, Visitor
from fedify import Fedify
from ground import Ground, open_ground, wait_for


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Names, certificates and a folder."""
    with open_ground() as ground:
        yield ground


@pytest.fixture(scope="module")
def language(request: pytest.FixtureRequest) -> str:
    """In which language chirp is written; ``chirp.IN_EACH_LANGUAGE`` marks what runs with all of them."""
    return str(getattr(request, "param", "python"))


@pytest.fixture(scope="module")
def fedify(ground: Ground, language: str) -> Iterator[Fedify]:
    """The stock peer at https://fedify.test, which knows nobody yet."""
    with Fedify.start(ground, "fedify.test") as peer:
        yield peer


@pytest.fixture(scope="module")
def chirp(ground: Ground, language: str) -> Iterator[Chirp]:
    """chirp, federating, at https://chirp.test."""
    with Chirp.start(ground, language=language) as chirp:
        yield chirp


@pytest.fixture(scope="module")
def alice(chirp: Chirp) -> Visitor:
    """Somebody at chirp who agreed to be reachable from other sites."""
    return chirp.sign_up("alice")


@pytest.fixture(scope="module")
def alice_uri(fedify: Fedify, alice: Visitor) -> str:
    """Alice's actor, as Fedify finds it by WebFinger."""
    return str(fedify.look_up(alice.handle)["id"])


@pytest.fixture(scope="module")
def friends(fedify: Fedify, alice: Visitor, alice_uri: str) -> None:
    """Alice and Fred follow each other."""
    fedify.follow("fred", alice.handle)
    wait_for(lambda: alice_uri in fedify.following("fred"), what="chirp accepting Fred")
    alice.follow("@fred@fedify.test")
    wait_for(lambda: alice_uri in fedify.followers("fred"), what="Fedify accepting Alice")
    alice.wait_to_see("/@alice/following", "@fred@fedify.test")
