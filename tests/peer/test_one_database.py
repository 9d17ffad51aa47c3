"""One database, two languages: a worker in one delivers what a site in another has published.

The store's rows are the same in each language; README promises it.
"""

from __future__ import annotations

import pytest
from chirp import Chirp
from ground import Ground, wait_for


@pytest.mark.parametrize(
    ("web", "worker"), [("python", "ruby"), ("ruby", "go"), ("go", "python")], ids="-".join
)
def test_a_worker_of_another_language_delivers(ground: Ground, web: str, worker: str) -> None:
    with (
        Chirp.start(ground, "chirp.test", language=web, worker=worker) as here,
        Chirp.start(ground, "other.test") as there,
    ):
        ann, bob = here.sign_up("ann"), there.sign_up("bob")
        bob.follow(ann.handle)  # the web server receives it, the worker delivers the Accept
        bob.wait_to_see("/@bob/following", ann.handle)
        ann.follow(bob.handle)  # the web server asks, the worker delivers it
        bob.wait_to_see("/@bob/followers", ann.handle)
        path = ann.post(f"Swifts over the harbour, {bob.handle}!")
        copy = bob.wait_for_post("Swifts over the harbour")
        bob.react(copy, "like")
        ann.wait_to_see("/notifications", bob.handle)
        ann.edit(path, "Swallows over the harbour")
        bob.wait_to_see(copy, "Swallows over the harbour")
        ann.delete(path)
        wait_for(lambda: bob.status(copy) in (404, 410), what="the Delete")
