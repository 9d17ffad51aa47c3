"""Times: aware `datetime` in UTC with whole seconds, stored as RFC 3339 text ("2025-06-01T12:34:56Z") that sorts."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> datetime:
    """The present time."""
    return datetime.now(timezone.utc).replace(microsecond=0)


def text(moment: datetime) -> str:
    """A time as stored."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp() -> str:
    """The present time as stored."""
    return text(now())


def read(stored: str) -> datetime:
    """A stored time."""
    return datetime.fromisoformat(stored.replace("Z", "+00:00"))


def past(moment: datetime | None) -> datetime:
    """A time from elsewhere. A missing, impossible or future one counts as now."""
    try:
        return min((moment or now()).astimezone(timezone.utc).replace(microsecond=0), now())
    except OverflowError:
        return now()


def ago(moment: datetime) -> str:
    """How long ago, as people say it: "now", "5m", "3h", "2d", "3 Mar", "3 Mar 2021"."""
    present = now()
    seconds = max(0, int((present - moment).total_seconds()))
    for limit, size, unit in ((60, 0, ""), (3600, 60, "m"), (86400, 3600, "h"), (604800, 86400, "d")):
        if seconds < limit:
            return f"{seconds // size}{unit}" if size else "now"
    return f"{moment.day} {moment:%b}" + ("" if moment.year == present.year else f" {moment.year}")


def full(moment: datetime) -> str:
    """In words: "3 March 2025, 14:05 UTC"."""
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def month(moment: datetime) -> str:
    """The month: "March 2025"."""
    return f"{moment:%B %Y}"
