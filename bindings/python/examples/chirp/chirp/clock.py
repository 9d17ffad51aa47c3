"""Times as chirp stores and shows them: RFC 3339 text in UTC with whole seconds."""

from __future__ import annotations

import re
from datetime import datetime, timezone

_STORED = "%Y-%m-%dT%H:%M:%SZ"


def now() -> str:
    """The present time, as stored."""
    return datetime.now(timezone.utc).strftime(_STORED)


def parse(text: str) -> datetime:
    """Read any RFC 3339 time. Raises ValueError when `text` is none."""
    whole = re.sub(r"\.\d+", "", text.strip().upper()).replace("Z", "+00:00")
    moment = datetime.fromisoformat(whole)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def normal(text: str | None) -> str:
    """A time from elsewhere in the stored form. A missing, unreadable or future one counts as now."""
    try:
        moment = parse(text or "").astimezone(timezone.utc)
        return min(moment.strftime(_STORED), now())
    except (ValueError, OverflowError):
        return now()


def ago(text: str) -> str:
    """How long ago a stored time is, as people say it: "now", "5m", "3h", "2d", "3 Mar", "3 Mar 2021"."""
    then, present = parse(text), datetime.now(timezone.utc)
    seconds = max(0, int((present - then).total_seconds()))
    for limit, size, unit in ((60, 0, ""), (3600, 60, "m"), (86400, 3600, "h"), (604800, 86400, "d")):
        if seconds < limit:
            return f"{seconds // size}{unit}" if size else "now"
    return f"{then.day} {then:%b}" + ("" if then.year == present.year else f" {then.year}")


def full(text: str) -> str:
    """A stored time in words: "3 March 2025, 14:05 UTC"."""
    then = parse(text)
    return f"{then.day} {then:%B %Y, %H:%M} UTC"


def month(text: str) -> str:
    """The month of a stored time: "March 2025"."""
    return f"{parse(text):%B %Y}"
