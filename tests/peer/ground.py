"""The ground the network tests stand on: names, addresses, certificates and a folder.

Servers of the tests meet as servers meet on the Internet: by name, on port 443, over TLS, with
certificates that are checked. Only the addresses are loopback and the authority is made for one run.
Port 443 and the names in ``/etc/hosts`` need root.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import trustme

T = TypeVar("T")

NAMES = {
    "chirp.test": "127.71.0.1",
    "fedify.test": "127.71.0.2",
    "other.test": "127.71.0.3",
}
"""Every server of the tests and its loopback address. ``.test`` never exists on the Internet (RFC 6761)."""

HOSTS = Path("/etc/hosts")


@dataclass
class Ground:
    """A temporary folder with an authority of its own, which signs one certificate for each name."""

    folder: Path
    _authority: trustme.CA = field(init=False)

    def __post_init__(self) -> None:
        import trustme  # the demo has no certificates and needs none of this

        self._authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        self._authority.cert_pem.write_to_path(self.authority)

    @property
    def authority(self) -> Path:
        """PEM file with the certificate that clients must trust."""
        return self.folder / "authority.pem"

    def certificate(self, host: str) -> Path:
        """PEM file with the private key and the certificate chain of ``host``."""
        path = self.folder / f"{host}.pem"
        if not path.exists():
            self._authority.issue_cert(host).private_key_and_cert_chain_pem.write_to_path(path)
            path.chmod(0o600)
        return path

    def pin(self, host: str) -> str:
        """What Chromium is told to trust ``host`` by: the hash of its public key (RFC 7469, 2.4)."""
        from cryptography import x509
        from cryptography.hazmat.primitives import serialization

        certificate = x509.load_pem_x509_certificates(self.certificate(host).read_bytes())[0]
        key = certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(hashlib.sha256(key).digest()).decode()


def ensure_names() -> None:
    """Adds the names that do not resolve yet to ``/etc/hosts``, and says so."""
    missing = {name: address for name, address in NAMES.items() if _address(name) != address}
    if not missing:
        return
    lines = "".join(f"{address} {name}  # fedigraft tests\n" for name, address in missing.items())
    try:
        text = HOSTS.read_text()
        with HOSTS.open("a") as hosts:
            hosts.write(lines if text.endswith("\n") or not text else "\n" + lines)
    except OSError as error:
        raise RuntimeError(
            f"the tests need these lines in {HOSTS}, which cannot be written ({error}):\n{lines}"
        ) from error
    print(f"added to {HOSTS}: {', '.join(missing)}", file=sys.stderr)


def _address(name: str) -> str | None:
    try:
        return socket.gethostbyname(name)
    except OSError:
        return None


@contextmanager
def open_ground() -> Iterator[Ground]:
    """A ground for one test module; a second run on the same machine waits for the first to end."""
    lock = Path(tempfile.gettempdir()) / "fedigraft-test-ground.lock"
    with lock.open("w") as held, tempfile.TemporaryDirectory(prefix="fedigraft-") as folder:
        fcntl.flock(held, fcntl.LOCK_EX)
        ensure_names()
        yield Ground(Path(folder))


def wait_for(condition: Callable[[], T | None], seconds: float = 20, what: str = "the condition") -> T:
    """Asks until ``condition`` answers something true, and gives it back; raises after ``seconds``.

    An assertion that fails inside ``condition`` counts as "not yet"; the last one is shown at the end.
    """
    end = time.monotonic() + seconds
    last: AssertionError | None = None
    while True:
        try:
            if answer := condition():
                return answer
        except AssertionError as error:
            last = error
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come true within {seconds:.0f} s") from last
        time.sleep(0.05)


def clean_environment(**settings: str) -> dict[str, str]:
    """The environment for a server under test: the paths of this one and the settings, nothing else."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | settings
