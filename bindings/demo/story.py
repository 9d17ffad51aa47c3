"""What happens between the chirps; each step ends when the other sides' pages show it."""

from __future__ import annotations

import struct
import zlib

from cast import ROLES
from stage import say
from visitor import Visitor


def play(people: list[Visitor], *, each_leads: bool) -> None:
    """The story of two or more people. ``each_leads``: it is played once by each, not by the first one only."""
    rounds = [people[number:] + people[:number] for number in range(len(people) if each_leads else 1)]
    all_follow(people)
    posts = {leader.name: post(leader, others) for leader, *others in rounds}
    for author, reader, *others in rounds:
        react(author, posts[author.name], reader, others)
    for author, *others in rounds:
        correct(author, posts[author.name], others)
    for author, *others in rounds:
        slip(author, others)


def all_follow(people: list[Visitor]) -> None:
    """Each follows all others."""
    for number, person in enumerate(people):
        others = people[:number] + people[number + 1 :]
        them = ROLES[others[0].name].pronoun if len(others) == 1 else "them all"
        found = "finds" if number == 0 else "follows"
        where = f" elsewhere and follows {them}" if number == 0 else ""
        step(f"{title(person)} {found} {names(others)}{where}.")
        for other in others:
            person.follow(other.handle)
        for other in others:
            other.wait_to_see("/notifications", person.handle)
            person.wait_to_see(f"/{other.handle}", "Unfollow")
        seen(f"{of(others, 'notifications', 'notifications')} tell of the new follower.")
    for person in people:
        for other in people:
            if other is not person:
                person.wait_to_see(f"/@{person.name}/followers", other.handle)
    seen("Each is among the followers of " + ("all others." if len(people) > 2 else "the other."))


def post(author: Visitor, others: list[Visitor]) -> str:
    """A post with everything; gives the path of its page."""
    role = ROLES[author.name]
    text = role.observation.format(others[0].handle)
    step(f"{title(author)} posts a picture with a description, a mention and a hashtag.", text)
    alt, sky = role.picture
    written = author.post(text, picture=picture(sky), alt=alt)
    for other in others:
        page = other.page(other.wait_for_post(role.correction[0]))
        for part in (f'alt="{alt}', "mention hashtag", "u-url mention"):
            if part not in page:
                raise AssertionError(f"expected {part!r} on the page of {other.handle}")
    where = of(others, "timeline", "timelines")
    seen(f"It stands in {where}, with the picture, its description, the mention and the hashtag.")
    return written


def react(author: Visitor, written: str, reader: Visitor, others: list[Visitor]) -> None:
    """A reply, a like and a boost, which reach the author, and the reply those who follow both."""
    role, text = ROLES[author.name], ROLES[reader.name].answer
    step(f"{title(reader)} replies to {title(author)}, likes the post and boosts it.", text)
    copy = reader.wait_for_post(role.correction[0])
    reader.post(text, reply_to=copy)
    reader.press(copy, f"{copy}/like")
    reader.press(copy, f"{copy}/boost")
    author.wait_to_see(written, text)
    seen(f"The reply stands below {title(author)}'s post.")
    for word in ("likes your post", "boosted your post"):
        author.wait_to_see("/notifications", f"{reader.name} {word}")
    seen(f"{title(author)}'s notifications tell of the like and the boost.")
    for other in others:
        other.wait_to_see(other.wait_for_post(role.correction[0]), text)
    if others:
        seen(f"{names(others)} can follow the conversation too.")


def correct(author: Visitor, written: str, others: list[Visitor]) -> None:
    """An edit."""
    role = ROLES[author.name]
    before, after = role.correction
    text = role.observation.format(others[0].handle).replace(before, after)
    step(f"{title(author)} corrects the post.", text)
    copies = [(other, other.wait_for_post(before)) for other in others]
    author.edit(written, text)
    for other, copy in copies:
        other.wait_to_see(copy, after)
    seen(f"The change has reached {of(others, 'copy', 'copies')}.")


def slip(author: Visitor, others: list[Visitor]) -> None:
    """A post that does not stay."""
    text = ROLES[author.name].slip
    step(f"{title(author)} writes a second post and deletes it again.", text)
    second = author.post(text)
    gone = [(other, other.wait_for_post(text)) for other in others]
    author.press(f"{second}/delete", f"{second}/delete")
    for other, path in gone:
        other.wait_to_be_gone(path)
    seen(f"It is gone from {of(others, 'server', 'servers')} too.")


# --- How it is told ----------------------------------------------------------------------------------------


def step(text: str, words: str = "") -> None:
    """What somebody does, and writes."""
    say(f"\n  {text}", "1")
    if words:
        say(f"      “{words}”", "3")


def seen(text: str) -> None:
    """What the others saw of it."""
    say(f"      {text[0].upper()}{text[1:]}", "32")


def title(person: Visitor) -> str:
    """``Ann``"""
    return person.name.title()


def names(people: list[Visitor]) -> str:
    """``Ann, Bob and Cleo``"""
    *most, last = map(title, people)
    return f"{', '.join(most)} and {last}" if most else last


def of(people: list[Visitor], one: str, several: str) -> str:
    """``Bob's timeline`` or ``the timelines of Bob and Cleo``"""
    return f"{names(people)}'s {one}" if len(people) == 1 else f"the {several} of {names(people)}"


def picture(sky: tuple[int, int, int]) -> bytes:
    """A small PNG: the sun in a sky that grows lighter to its lower edge."""
    width, height = 480, 270
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        shade = tuple(int(part * (0.4 + 0.6 * y / height)) for part in sky)
        for x in range(width):
            rows += bytes((255, 214, 120) if (x - 330) ** 2 + (y - 165) ** 2 < 34**2 else shade)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(rows)))
        + chunk(b"IEND", b"")
    )
