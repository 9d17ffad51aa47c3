"""Plain text to HTML: what becomes a link, and what does not."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from chirp import clock, text

KNOWN = {"alice"}


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        ("a & <b>", "<p>a &amp; &lt;b&gt;</p>"),
        ("one\ntwo\n\n\nthree", "<p>one<br>\ntwo</p>\n<p>three</p>"),
        ("hi @alice!", '<p>hi <a href="/@alice" class="mention" title="@alice">@alice</a>!</p>'),
        ("hi @nobody", "<p>hi @nobody</p>"),
        ("x@alice.com /@alice", "<p>x@alice.com /@alice</p>"),
        ("#one#two #3 &#4x;", '<p><a href="/tags/one" class="tag">#one</a>#two #3 &amp;#4x;</p>'),
        ("(#Ünï_1)", '<p>(<a href="/tags/ünï_1" class="tag">#Ünï_1</a>)</p>'),
        (
            "@Bob.b@Remote.Example:8080.",
            '<p><a href="/@Bob.b@remote.example:8080" class="mention" title="@Bob.b@remote.example:8080">'
            "@Bob.b</a>.</p>",
        ),
        (
            "(see https://a.example/x_(y)?a=1&b=2#@alice).",
            '<p>(see <a href="https://a.example/x_(y)?a=1&amp;b=2#@alice" rel="nofollow noopener">'
            "a.example/x_(y)?a=1&amp;b=2#@alice</a>).</p>",
        ),
        ('https://a.example/"><script>', '<p><a href="https://a.example/" rel="nofollow noopener">a.example</a>'
         "&#34;&gt;&lt;script&gt;</p>"),
        ("javascript:alert(1) data:x ftp://a.example", "<p>javascript:alert(1) data:x ftp://a.example</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_to_html(plain: str, html: str) -> None:
    assert text.to_html(plain, KNOWN) == html


def test_mentions_and_hashtags() -> None:
    words = (
        "@alice @alice @bob@a.example #One #one https://x.example/@not#no mail@x.example @bob@127.0.0.1:5001"
    )
    assert text.mentions(words) == ["@alice", "@bob@a.example", "@bob@127.0.0.1:5001"]
    assert text.hashtags(words) == ["one"]


def test_text_of_any_kind_takes_little_time() -> None:
    for piece in ("@a", "#a", "https://", "@a.", "@a@a.", "(", "a@", "@a-"):
        text.to_html(piece * 20000)


def test_times() -> None:
    west = timezone(timedelta(hours=-1))
    assert clock.text(clock.past(datetime(2024, 2, 29, 23, 59, 59, 999999, west))) == "2024-03-01T00:59:59Z"
    assert clock.text(clock.read("2024-02-29T12:00:00Z")) == "2024-02-29T12:00:00Z"
    present = clock.now()
    for odd in (None, datetime.max.replace(tzinfo=west), datetime(2999, 1, 1, tzinfo=timezone.utc)):
        assert clock.past(odd) >= present
    assert clock.ago(present) == "now" and clock.ago(clock.read("2021-03-03T00:00:00Z")) == "3 Mar 2021"
