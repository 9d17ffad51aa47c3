"""What a call costs: the boundary, signing and verifying beside Python's ``cryptography``, and threads.

    python bench/boundary.py            # needs fedigraft and cryptography installed

Everything is printed and nothing judged. Each figure is a median: of single runs for the boundary, of pairs
that take turns for a comparison, so that whatever else the machine does hits both sides alike. Both sides do
the same job: the digest, the string that is signed, RSA with 2048 bits, the headers.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import re
import statistics
import threading
import time
from collections.abc import Callable
from email.utils import formatdate, parsedate_to_datetime
from functools import partial

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

import fedigraft
from fedigraft import Instance, Key, Request

Job = Callable[[], object]

URL = "https://peer.example/ap/inbox"
KEY_ID = "https://chirp.example/ap/users/1#main-key"
BODY = b'{"type":"Create","content":"' + b"x" * 2000 + b'"}'
COVERED = ("(request-target)", "host", "date", "digest", "content-type")
PAIRS = 9


def per_call(job: Job, calls: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds for one call, over this many in a row."""
    begin = clock()
    for _ in range(calls):
        job()
    return (clock() - begin) / calls


def in_threads(job: Job, calls: int, threads: int) -> float:
    """Seconds of wall time for one call when so many threads share the calls."""
    running = [threading.Thread(target=per_call, args=(job, calls // threads)) for _ in range(threads)]
    begin = time.perf_counter()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return (time.perf_counter() - begin) / (calls // threads * threads)


def pairs(ours: Callable[[], float], theirs: Callable[[], float]) -> tuple[float, float, float]:
    """The median of each side, and the median of theirs over ours, pair by pair."""
    ours(), theirs()
    both = [(ours(), theirs()) for _ in range(PAIRS)]
    return (
        statistics.median(one for one, _ in both),
        statistics.median(other for _, other in both),
        statistics.median(other / one for one, other in both),
    )


# The same job with Python's own stack, as a server without fedigraft would write it.


def sign_beside(key: rsa.RSAPrivateKey) -> dict[str, str]:
    """Headers for a signed POST."""
    headers = {
        "host": "peer.example",
        "content-type": "application/activity+json",
        "date": formatdate(usegmt=True),
        "digest": "SHA-256=" + base64.b64encode(hashlib.sha256(BODY).digest()).decode(),
    }
    signature = key.sign(signing_string(headers).encode(), padding.PKCS1v15(), SHA256())
    headers["signature"] = (
        f'keyId="{KEY_ID}",algorithm="rsa-sha256",headers="{" ".join(COVERED)}",'
        f'signature="{base64.b64encode(signature).decode()}"'
    )
    return headers


def verify_beside(key: rsa.RSAPublicKey, request: Request) -> bool:
    """Digest, time, coverage and signature of a received POST."""
    headers = {name.lower(): value for name, value in request.headers}
    given = dict(re.findall(r'(\w+)="([^"]*)"', headers["signature"]))
    digest = "SHA-256=" + base64.b64encode(hashlib.sha256(request.body).digest()).decode()
    if digest != headers["digest"] or headers["host"] != "peer.example":
        return False
    if abs(parsedate_to_datetime(headers["date"]).timestamp() - time.time()) > 3600:
        return False
    covered = given["headers"].split()
    if not {"(request-target)", "host", "date", "digest"} <= set(covered):
        return False
    text = signing_string(headers, covered).encode()
    key.verify(base64.b64decode(given["signature"]), text, padding.PKCS1v15(), SHA256())
    return True


def signing_string(headers: dict[str, str], covered: list[str] | tuple[str, ...] = COVERED) -> str:
    """draft-cavage-http-signatures-12, section 2.3."""
    return "\n".join(
        "(request-target): post /ap/inbox" if name == "(request-target)" else f"{name}: {headers[name]}"
        for name in covered
    )


def boundary(instance: Instance) -> None:
    """Bytes in, bytes out: calls whose own work is next to nothing."""
    print(f"boundary: processor time, wall time, that of ten threads (µs a call; medians of {PAIRS} runs)")
    jobs: dict[str, Job] = {
        "Instance.uri": partial(instance.uri, "actor", "1"),
        "sanitise": partial(fedigraft.sanitise, "<b>x</b>"),
        "html_to_text": partial(fedigraft.html_to_text, "<b>x</b>"),
    }
    for name, job in jobs.items():
        per_call(job, 20_000)
        runs = [
            (per_call(job, 20_000, time.thread_time), per_call(job, 20_000), in_threads(job, 20_000, 10))
            for _ in range(PAIRS)
        ]
        print(
            f"  {name:<24}"
            + "".join(f"{statistics.median(one) * 1e6:10.2f}" for one in zip(*runs, strict=True))
        )


def beside(jobs: dict[str, tuple[Job, Job]], calls: int) -> None:
    """Each job beside the same one with ``cryptography``."""
    for threads in (1, 10):
        count = "one thread" if threads == 1 else f"{threads} threads"
        print(f"{count}: fedigraft, cryptography, times (µs a call; medians of {PAIRS} pairs)")
        for name, sides in jobs.items():
            ours, theirs, times = pairs(*(partial(in_threads, side, calls, threads) for side in sides))
            print(f"  {name:<24}{ours * 1e6:10.1f}{theirs * 1e6:10.1f}{times:10.2f} x")


def main() -> None:
    """Prints all of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=1000, help="signatures in one run (1000)")
    calls = parser.parse_args().calls

    key = Key.generate()
    public = key.public()
    their_key = load_pem_private_key(key.to_pem().encode(), None)
    their_public = load_pem_public_key(key.public_pem().encode())
    assert isinstance(their_key, rsa.RSAPrivateKey)
    assert isinstance(their_public, rsa.RSAPublicKey)
    instance = Instance("https://peer.example")

    def signed() -> Request:
        return Request("POST", "/ap/inbox", fedigraft.sign(key, KEY_ID, "POST", URL, body=BODY), BODY)

    received = signed()
    theirs = Request("POST", "/ap/inbox", tuple(sign_beside(their_key).items()), BODY)
    assert fedigraft.verify(instance, theirs, public), "each side accepts what the other signs"
    assert verify_beside(their_public, received)

    boundary(instance)
    beside(
        {
            "sign a POST": (signed, partial(sign_beside, their_key)),
            "verify a POST": (
                partial(fedigraft.verify, instance, received, public),
                partial(verify_beside, their_public, received),
            ),
            "RSA alone": (
                partial(key.sign, BODY),
                partial(their_key.sign, BODY, padding.PKCS1v15(), SHA256()),
            ),
        },
        calls,
    )
    print(f"two threads against one (median of {PAIRS} pairs)")
    _, _, times = pairs(partial(in_threads, signed, calls, 2), partial(in_threads, signed, calls, 1))
    print(f"  {'sign a POST':<24}{times:10.2f} x")


if __name__ == "__main__":
    main()
