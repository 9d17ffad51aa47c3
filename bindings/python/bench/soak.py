"""Long use without growth: cheap calls, signatures and exchanges by the million, and what the process weighs.

    python bench/soak.py --scale 1      # ten million cheap calls, 100,000 signatures, 100,000 exchanges

Prints the resident memory after a warm-up and at the end; ends with 1 when it grew by 2 MiB or more.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import fedigraft
from fedigraft import Content, Federation, Fetched, Key, Post, Posts, Profile, Request, sign
from fedigraft.steps import Fetch

NOW = 1_790_000_000
LIMIT = 2 * 2**20
ORIGIN, ELSEWHERE = "https://chirp.example", "https://peer.example"
BOB = f"{ELSEWHERE}/users/bob"


def resident() -> int:
    """The memory of this process in bytes, after a collection."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def post(key: str) -> Post:
    """A post of Ann's."""
    at = datetime.fromtimestamp(NOW, timezone.utc)
    return Post(id=key, author="1", visibility="public", content=Content("Hello"), published=at)


class Site:
    """A federated site and a signed sender; its loads and fetches are answered in this process."""

    def __init__(self, folder: Path) -> None:
        self.key = Key.generate()
        self.fetches = 0
        self.fed = Federation(ORIGIN, database=folder / "soak.db", fetch=self.fetch, clock=lambda: NOW)
        self.fed.profile(lambda db, key: Profile(id="1", username="ann", federated=True))
        self.fed.post(lambda db, key: post(key))
        self.fed.posts(lambda db, author, cursor: Posts(()))
        self.instance = self.fed.instance
        self.body = json.dumps({
            "@context": "https://www.w3.org/ns/activitystreams", "id": f"{BOB}/follows/1", "type": "Follow",
            "actor": BOB, "object": self.instance.uri("actor", "1"),
        }).encode()  # fmt: skip
        json_wanted = (("Host", "chirp.example"), ("Accept", "application/activity+json"))
        self.requests = [
            (200, Request("GET", "/ap/users/1", json_wanted)),
            (200, Request("GET", "/ap/posts/7", json_wanted)),
            (200, Request("GET", "/.well-known/webfinger?resource=acct:ann@chirp.example", json_wanted)),
            (202, Request("POST", "/ap/inbox", self.sign(), self.body)),
            (401, Request("POST", "/ap/inbox", self.sign()[:-1], self.body)),
        ]

    def fetch(self, step: Fetch) -> Fetched:
        """Bob's actor document."""
        self.fetches += 1
        actor = {
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": BOB, "type": "Person", "preferredUsername": "bob", "inbox": f"{BOB}/inbox",
            "publicKey": {"id": f"{BOB}#main-key", "owner": BOB, "publicKeyPem": self.key.public_pem()},
        }  # fmt: skip
        headers = (("Content-Type", "application/activity+json"),)
        return Fetched(step.url, 200, headers, json.dumps(actor).encode(), "93.184.215.14")

    def cheap(self, number: int) -> None:
        """A call whose own work is next to nothing; every hundredth raises."""
        if number % 100 == 0:
            try:
                self.instance.uri("nonsense", "1")
            except fedigraft.Error:
                return
        if number % 2:
            self.instance.uri("actor", "1")
        else:
            fedigraft.sanitise("<b>x</b>")

    def sign(self, _number: int = 0) -> tuple[tuple[str, str], ...]:
        """A signed delivery of Bob's."""
        return sign(self.key, f"{BOB}#main-key", "POST", f"{ORIGIN}/ap/inbox", body=self.body, now=NOW)

    def exchange(self, number: int) -> None:
        """A request from elsewhere, from its head to its answer, database and verification included."""
        status, request = self.requests[number % len(self.requests)]
        answer = self.fed.inbound.answer(request)
        if answer.status != status:
            raise SystemExit(f"expected {status} for {request.target}, got {answer.status}: {answer.body!r}")


def main() -> int:
    """Runs all three, warm-up first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=0.1, help="1 is the whole (0.1)")
    scale = parser.parse_args().scale
    logging.disable(logging.CRITICAL)

    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder))
        parts: list[tuple[str, Callable[[int], object], float]] = [
            ("cheap calls", site.cheap, 10_000_000),
            ("signatures", site.sign, 100_000),
            ("exchanges", site.exchange, 100_000),
        ]
        for _, job, whole in parts:
            for number in range(max(1000, int(whole * scale / 50))):
                job(number)
        before = resident()
        print(f"after warm-up: {before / 2**20:.1f} MiB")
        for name, job, whole in parts:
            count = int(whole * scale)
            begin = time.perf_counter()
            for number in range(count):
                job(number)
            seconds = time.perf_counter() - begin
            print(f"{count:>10} {name:<12} {seconds:7.1f} s  {resident() / 2**20:.1f} MiB", flush=True)
        grown = resident() - before
    print(f"grown by {grown / 2**20:.2f} MiB; the limit is {LIMIT / 2**20:.0f}")
    return 0 if grown < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
