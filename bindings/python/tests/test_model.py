"""The dataclasses and their JSON; and that the core takes what they write."""

from __future__ import annotations

import dataclasses
import pickle
from datetime import datetime, timedelta, timezone

import pytest

import fedigraft
from fedigraft import (
    Content,
    Emoji,
    Field,
    Image,
    Instance,
    InteractionPolicy,
    InteractionRule,
    InvalidArgument,
    Key,
    Link,
    Malformed,
    Media,
    Mention,
    Poll,
    PollOption,
    Post,
    Profile,
    events,
)
from fedigraft.document import format_time, parse_time

WHEN = datetime(2026, 10, 5, 15, 0, 0, 250000, tzinfo=timezone.utc)
FULL = Post(
    id="1",
    author="7",
    visibility="public",
    content=Content("Hello", "markdown"),
    kind="article",
    title="T",
    spoiler="careful",
    sensitive=True,
    language="en",
    url="/posts/1",
    in_reply_to="https://a.example/2",
    mentions=(Mention(handle="@b@b.example", uri="https://b.example/b"),),
    hashtags=("rust",),
    emojis=(Emoji("cat", "https://a/cat.png", "image/png"),),
    media=(Media("/1.png", "image/png", "a hill", 640, 480, focal_point=(0.0, -0.5), duration=1.5),),
    links=(Link("https://c.example", "C"),),
    published=WHEN,
    updated=WHEN + timedelta(hours=1),
    interaction_policy=InteractionPolicy(reply=InteractionRule(automatic=("followers",))),
    not_before=5,
)
PROFILE = Profile(
    id="7",
    username="ann",
    display_name="Ann",
    bio=Content("Hi"),
    avatar=Image("/a.png", "image/png", "me"),
    fields=(Field("web", "https://ann.example"),),
    federated=True,
    created=WHEN,
    also_known_as=("https://old.example/ann",),
)


@pytest.mark.parametrize("value", [FULL, PROFILE, Post(id="1", author="2", visibility="direct")])
def test_what_is_written_reads_back(value):
    assert type(value).from_json(value.to_json()) == value
    assert pickle.loads(pickle.dumps(value)) == value


def test_a_poll_reads_back():
    poll = Poll(options=(PollOption("yes", 3), PollOption("no")), multiple=True, ends=WHEN, voters=3)
    assert Poll.from_json(poll.to_json()) == poll


def test_what_is_empty_is_left_out_and_null_is_absent():
    post = Post(id="1", author="7", visibility="public", content=Content("x"))
    assert post.to_json() == {
        "id": "1", "author": "7", "visibility": "public", "content": {"text": "x", "format": "plain"},
        "kind": "note", "sensitive": False,
    }  # fmt: skip
    again = Post.from_json({**post.to_json(), "title": None, "media": None, "content": None, "v": 1})
    assert again == dataclasses.replace(post, content=Content())


def test_unknown_members_are_kept():
    document = {**FULL.to_json(), "reactions": [1]}
    post = Post.from_json(document)
    assert post.extra == {"reactions": [1]}
    assert post.to_json() == document


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"visibility": None}, "/visibility"),
        ({"id": 5}, "/id"),
        ({"media": [{"url": "/a"}, {}]}, "/media/1/url"),
        ({"media": "x"}, "/media"),
        ({"content": "x"}, "/content"),
        ({"sensitive": 1}, "/sensitive"),
        ({"not_before": True}, "/not_before"),
    ],
)
def test_a_wrong_member_says_where(change, place):
    with pytest.raises(Malformed) as caught:
        Post.from_json({**FULL.to_json(), **change})
    assert caught.value.place == place


def test_times_know_their_zone():
    assert format_time(WHEN) == "2026-10-05T15:00:00.250000Z"
    assert format_time(WHEN.astimezone(timezone(timedelta(hours=2)))) == "2026-10-05T15:00:00.250000Z"
    with pytest.raises(InvalidArgument):
        format_time(WHEN.replace(tzinfo=None))
    assert parse_time("2026-10-05T15:00:00.250Z") == WHEN
    assert parse_time("2026-10-05T17:00:00.250000999+02:00") == WHEN
    for text in (
        "2026-10-05",
        "2026-10-05T15:00:00",
        "2026-13-05T15:00:00Z",
        "yesterday",
        "\uff12026-10-05T15:00:00Z",
    ):
        with pytest.raises(Malformed):
            parse_time(text)


def test_all_are_immutable():
    with pytest.raises(dataclasses.FrozenInstanceError):
        FULL.id = "2"  # type: ignore[misc]
    assert not hasattr(FULL, "__dict__")


def test_the_core_renders_and_reads_what_the_dataclasses_say():
    with Instance("https://chirp.example") as instance, Key.generate() as key:
        actor = instance.render_profile(PROFILE, key.public())
        assert actor["id"] == instance.uri("actor", "7")
        assert actor["publicKey"]["publicKeyPem"] == key.public_pem()
        note = instance.render_post(PROFILE, dataclasses.replace(FULL, poll=None))
        assert note["id"] == instance.uri("post", "1")
        assert note["attachment"][0]["name"] == "a hill"
        import json

        post = fedigraft.read_post(json.dumps(note))
        assert (post.author, post.visibility, post.language) == (actor["id"], "public", "en")
        profile = fedigraft.read_profile(json.dumps(actor))
        assert (profile.username, profile.display_name) == ("ann", "Ann")
        assert instance.render_webfinger(PROFILE)["subject"] == "acct:ann@chirp.example"
        assert instance.render_nodeinfo("2.0", {"users": 3})["usage"]["users"]["total"] == 3
        with pytest.raises(InvalidArgument) as caught:
            instance.render_post(PROFILE, dataclasses.replace(FULL, visibility="pubic"))  # type: ignore[arg-type]
        assert "visibility" in caught.value.place


def test_foreign_html_and_activities():
    assert fedigraft.sanitise('<p onclick="x">a<script>b</script></p>') == "<p>a</p>"
    assert fedigraft.html_to_text("<p>a<br>b</p><p>c &amp; d</p>").split() == ["a", "b", "c", "&", "d"]
    activity = fedigraft.read_activity(
        '{"type":"Like","id":"https://a/1","actor":"https://a/u","object":"https://b/2"}'
    )
    assert (activity["type"], activity["actor"], activity["object"]) == ("Like", "https://a/u", "https://b/2")
    for read in (fedigraft.read_post, fedigraft.read_profile, fedigraft.read_activity):
        for data in (b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"id":1}'):
            with pytest.raises(fedigraft.Error):
                read(data)


def test_content_becomes_html_once():
    with Instance("https://chirp.example") as instance:
        assert instance.content_to_html(Content("a < b"))["html"] == "<p>a &lt; b</p>"
        assert "<strong>" in instance.content_to_html(Content("**a**", "markdown"))["html"]


def test_events_are_typed_and_unknown_ones_are_kept():
    document = {
        "v": 1, "type": "post_created", "at": 5, "actor": {"id": "https://a/u", "username": "a"},
        "post": {"id": "https://a/1", "author": "https://a/u", "visibility": "public"}, "mentioned": ["7"],
        "reply_to": None, "followers": True, "new": 1,
    }  # fmt: skip
    event = events.read(document)
    assert isinstance(event, events.PostCreated)
    assert (event.type, event.at, event.mentioned, event.followers) == ("post_created", 5, ("7",), True)
    assert event.actor is not None
    assert event.extra == {"new": 1}
    unknown = events.read({"type": "moved", "at": 1})
    assert isinstance(unknown, events.UnknownEvent)
    assert unknown.extra["type"] == "moved"


def test_every_event_of_the_core_has_its_class():
    assert set(events.CLASSES) == set(
        """follow_requested followed unfollowed follow_accepted follow_rejected post_created post_updated
        post_deleted liked unliked shared unshared profile_updated profile_deleted delivery_failed""".split()
    )
