"""Fixtures of the network tests: one ground for each module, and the Fedify servers on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fedify import Fedify
from ground import Ground, open_ground


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Names, certificates and a folder."""
    with open_ground() as ground:
        yield ground


@pytest.fixture(scope="module")
def fedify(ground: Ground) -> Iterator[Fedify]:
    """The stock peer at https://fedify.test."""
    with Fedify.start(ground, "fedify.test") as peer:
        yield peer
