"""Keys: private ones that sign, public ones that verify (RSA, RSASSA-PKCS1-v1_5 with SHA-256).

A key is parsed once and then held by the native library, which wipes it when it is freed. The private half
leaves only by ``Key.to_pem`` and never by ``repr``, pickling or an error.
"""

from __future__ import annotations

from ._handle import Handle
from ._lib import call_bytes, call_handle, library, span


class PublicKey(Handle):
    """A public key. Immutable; any thread may use it."""

    __slots__ = ()

    @classmethod
    def from_pem(cls, pem: str | bytes) -> PublicKey:
        """Reads a PEM of SPKI or PKCS#1 form, also one whose newlines became spaces or ``\\n``.

        Raises:
            Malformed: it is not such a PEM.
            Unsupported: a key of another kind, or one that is too small.
        """
        make = library.fedigraft_public_key_from_pem
        return cls(call_handle(make, *span(pem)), library.fedigraft_public_key_free)

    def to_pem(self) -> str:
        """The key as SPKI PEM (``BEGIN PUBLIC KEY``)."""
        return call_bytes(library.fedigraft_public_key_to_pem, self._pointer).decode()


class Key(Handle):
    """A private key. Immutable; any thread may use it. Signing releases the GIL."""

    __slots__ = ()

    @classmethod
    def generate(cls) -> Key:
        """Makes a new RSA key of 2048 bits. Takes about a tenth of a second."""
        return cls(call_handle(library.fedigraft_key_generate), library.fedigraft_key_free)

    @classmethod
    def from_pem(cls, pem: str | bytes) -> Key:
        """Reads a PEM of PKCS#8 or PKCS#1 form, also one whose newlines became spaces or ``\\n``.

        Raises:
            Malformed: it is not such a PEM.
            Unsupported: a key of another kind, or one that is too small.
        """
        return cls(call_handle(library.fedigraft_key_from_pem, *span(pem)), library.fedigraft_key_free)

    def to_pem(self) -> str:
        """The private key as PKCS#8 PEM. Keep it where only the server can read it."""
        return call_bytes(library.fedigraft_key_to_pem, self._pointer).decode()

    def public_pem(self) -> str:
        """The public half as SPKI PEM, the form that actors publish."""
        return call_bytes(library.fedigraft_key_public_pem, self._pointer).decode()

    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey.from_pem(self.public_pem())

    def sign(self, data: bytes) -> bytes:
        """The signature over ``data``: what answers a ``sign`` step. About 0.3 ms."""
        return call_bytes(library.fedigraft_key_sign, self._pointer, *span(data))
