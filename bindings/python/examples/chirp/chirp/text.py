"""Plain text as people write it: finds links, @mentions and #hashtags, and turns text into safe HTML."""

from __future__ import annotations

import re
from collections.abc import Collection

from markupsafe import Markup, escape

_TOKEN = re.compile(
    r"""
    (?P<url> \b https?:// [^\s<>"]+ )
  | (?<![\w@/.]) @ (?P<name> [a-z0-9_]+ (?:[.-]+[a-z0-9_]+)* )
    (?: @ (?P<domain> [a-z0-9] (?:[a-z0-9.-]*[a-z0-9])? (?: : \d{1,5} )? ) )? (?![\w@])
  | (?<![\w&/\#]) \# (?P<tag> \w* [^\W\d_] \w* )
    """,
    re.VERBOSE | re.IGNORECASE,
)


def mentions(text: str) -> list[str]:
    """The handles that `text` names, in order, each once: "@alice" or "@bob@site.example"."""
    found = (_handle(token) for token in _TOKEN.finditer(text) if token["name"])
    return list(dict.fromkeys(found))


def hashtags(text: str) -> list[str]:
    """The hashtags of `text` in lower case without #, in order, each once."""
    return list(dict.fromkeys(token["tag"].lower() for token in _TOKEN.finditer(text) if token["tag"]))


def to_html(text: str, own_names: Collection[str] = (), link_rel: str = "nofollow noopener") -> Markup:
    """`text` as HTML: escaped, paragraphs kept, links, hashtags and mentions clickable.

    A bare @name becomes a link only when it is in `own_names` (lower case); a full handle always does.
    """
    paragraphs = re.split(r"\n{2,}", text.replace("\r\n", "\n").strip())
    return Markup("\n").join(
        Markup("<p>{}</p>").format(_inline(paragraph, own_names, link_rel))
        for paragraph in paragraphs
        if paragraph
    )


def _inline(text: str, own_names: Collection[str], link_rel: str) -> Markup:
    parts: list[Markup] = []
    position = 0
    for token in _TOKEN.finditer(text):
        end = token.end()
        if token["url"]:
            url = _trim(token["url"])
            end = token.start() + len(url)
            link = Markup('<a href="{}" rel="{}">{}</a>').format(url, link_rel, _short(url))
        elif token["tag"]:
            link = Markup('<a href="/tags/{}" class="tag">#{}</a>').format(token["tag"].lower(), token["tag"])
        elif token["domain"] or token["name"].lower() in own_names:
            shown = "@" + token["name"]
            link = Markup('<a href="/{}" class="mention" title="{}">{}</a>').format(
                _handle(token), _handle(token), shown
            )
        else:
            continue
        parts += [_lines(text[position : token.start()]), link]
        position = end
    parts.append(_lines(text[position:]))
    return Markup("").join(parts)


def _lines(text: str) -> Markup:
    return Markup("<br>\n").join(escape(line) for line in text.split("\n"))


def _handle(token: re.Match[str]) -> str:
    return f"@{token['name']}" + (f"@{token['domain'].lower()}" if token["domain"] else "")


def _trim(url: str) -> str:
    """Leave out punctuation that ends the sentence, and a closing bracket that was opened before the link."""
    while url and (url[-1] in ".,;:!?'\"*_" or (url[-1] == ")" and url.count(")") > url.count("("))):
        url = url[:-1]
    return url


def _short(url: str) -> str:
    shown = re.sub(r"^https?://(www\.)?", "", url).rstrip("/")
    return shown if len(shown) <= 42 else shown[:40] + "…"
