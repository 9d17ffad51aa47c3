"""Verdicts: the outcome of a check, with a part for the wire and a part for the operator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that was tried: what the message had, what the rule wants, and where the rule comes from."""

    rule: str
    ok: bool
    seen: str
    expected: str
    source: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """For the operator, not for the peer: every rule, the signature base, the likely cause."""

    rules: tuple[Rule, ...] = ()
    signature_base: str | None = None
    likely_cause: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a check. True in a condition when it was accepted.

    Attributes:
        accepted: every rule held.
        code: a stable word such as ``digest_mismatch``; may be told to the peer.
        status: the HTTP status that fits.
        message: one sentence without user data; may be told to the peer.
        key_id: the key the signature names.
        actor: the actor it belongs to, once proven.
        scheme: ``cavage`` or ``rfc9421``.
        evidence: present when it was asked for.
    """

    accepted: bool
    code: str
    status: int
    message: str
    key_id: str | None = None
    actor: str | None = None
    scheme: str | None = None
    evidence: Evidence | None = None

    def __bool__(self) -> bool:
        return self.accepted

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Verdict:
        """Reads the JSON of the native library."""
        public, evidence = document["public"], document.get("evidence")
        return cls(
            accepted=document["accepted"],
            code=public["code"],
            status=public["status"],
            message=public["message"],
            key_id=document.get("key_id"),
            actor=document.get("actor"),
            scheme=document.get("scheme"),
            evidence=None if evidence is None else _evidence(evidence),
        )

    def report(self) -> str:
        """A few lines for a console: the verdict, each rule, the signature base, the likely cause."""
        lines = [f"{'accepted' if self.accepted else 'refused'}: {self.message} ({self.code})"]
        if self.key_id:
            lines.append(f"key: {self.key_id}")
        if self.evidence is not None:
            for rule in self.evidence.rules:
                lines.append(f"  {'ok  ' if rule.ok else 'FAIL'} {rule.rule}  [{rule.source}]")
                if not rule.ok:
                    lines += [f"         seen:     {rule.seen}", f"         expected: {rule.expected}"]
            if self.evidence.signature_base:
                lines += ["signature base:"]
                lines += [f"  | {line}" for line in self.evidence.signature_base.splitlines()]
            if self.evidence.likely_cause:
                lines.append(f"likely cause: {self.evidence.likely_cause}")
        return "\n".join(lines)


def _evidence(document: dict[str, Any]) -> Evidence:
    rules = tuple(Rule(r["rule"], r["ok"], r["seen"], r["expected"], r["source"]) for r in document["rules"])
    return Evidence(rules, document.get("signature_base"), document.get("likely_cause"))
