"""The command line: explain a captured request, run a worker.

``python -m fedigraft explain FILE --key PEM --origin URL`` tells rule by rule why a request is refused.
``python -m fedigraft work module:name`` runs the jobs and deliveries of a ``Federation``.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path

from . import signing
from ._version import __version__
from .errors import Error
from .federation import Federation
from .instance import Instance
from .keys import PublicKey
from .request import Request


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; gives the exit status: 0 fine, 1 refused, 2 wrong use."""
    parser = argparse.ArgumentParser(prog="fedigraft", description=__doc__.splitlines()[0])
    parser.add_argument("--version", action="version", version=f"fedigraft {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)

    explain = commands.add_parser("explain", help="tell why a captured request is accepted or refused")
    explain.add_argument(
        "file", type=Path, help="the request: request line, headers, empty line, body; - reads it"
    )
    explain.add_argument(
        "--key", type=Path, help="the sender's public key as PEM (publicKeyPem of its actor)"
    )
    explain.add_argument("--origin", help="your origin; https:// and the request's Host when absent")
    explain.add_argument("--now", type=int, help="seconds since the epoch; the request's Date when absent")

    work = commands.add_parser("work", help="run jobs and deliveries until SIGTERM")
    work.add_argument(
        "federation", metavar="MODULE:NAME", help="where the Federation is, such as chirp.federated:fed"
    )
    work.add_argument("--threads", type=int, default=2, help="how many at once (2)")
    work.add_argument("--once", action="store_true", help="stop when nothing is due")

    given = parser.parse_args(arguments)
    try:
        return _explain(given) if given.command == "explain" else _work(given)
    except Error as error:
        print(f"fedigraft: {error}", file=sys.stderr)
    except OSError as error:
        print(f"fedigraft: {error.filename}: {error.strerror}", file=sys.stderr)
    return 2


def _explain(given: argparse.Namespace) -> int:
    data = sys.stdin.buffer.read() if str(given.file) == "-" else given.file.read_bytes()
    request = Request.from_bytes(data)
    fields = {name.lower(): value for name, value in request.headers}
    if given.key is None:
        print(f"the request claims the key {signing.claim(request).key_id}")
        print("fetch that key's publicKeyPem into a file and give it with --key to have it verified")
        return 1
    origin = given.origin or f"https://{fields.get('host', 'localhost')}"
    now = given.now if given.now is not None else _date(fields.get("date"))
    with (
        Instance(origin, policy="development") as instance,
        PublicKey.from_pem(given.key.read_bytes()) as key,
    ):
        verdict = signing.explain(instance, request, key, now=now)
    print(verdict.report())
    return 0 if verdict else 1


def _date(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except ValueError:
        return None


def _work(given: argparse.Namespace) -> int:
    module, _, name = given.federation.partition(":")
    sys.path.insert(0, os.getcwd())
    federation = getattr(importlib.import_module(module), name or "fed", None)
    if not isinstance(federation, Federation):
        print(f"fedigraft: {given.federation} is not a Federation", file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if given.once:
        print(f"{federation.drain()} runs")
    else:
        federation.work(threads=given.threads)
    return 0


if __name__ == "__main__":
    sys.exit(main())
