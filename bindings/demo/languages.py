"""chirp in each language: where it lies and how its commands are called.

Each chirp has the same commands: ``init-db``, ``serve --listen HOST:PORT [--cert PEM --key PEM] [--worker]``,
``work`` and ``add-person``, and reads the same settings from the environment.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Language:
    """The federated chirp of one language."""

    name: str
    folder: Path
    """Where its commands run."""
    chirp: tuple[str, ...]
    """What stands before a command."""


LANGUAGES = {
    "python": Language(
        "Python",
        ROOT / "bindings/python/examples/chirp",
        (sys.executable, str(ROOT / "bindings/demo/python_chirp.py")),
    ),
    "ruby": Language("Ruby", ROOT / "bindings/ruby/examples/chirp", ("ruby", "federate.rb")),
    "go": Language("Go", ROOT / "bindings/go/examples/chirp", (str(ROOT / "build/chirp-go"),)),
}
"""`make demo LANGS=…` and the network tests know a language by its key here."""
