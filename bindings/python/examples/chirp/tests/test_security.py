"""Forged requests, markup in every field, files that are no pictures, and the headers that hold the line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from conftest import ORIGIN, Visitor, file, inside, person, png
from flask import Flask, url_for

from chirp import db, pictures

NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def test_every_form_needs_its_token(app: Flask, alice: Visitor, ben: Visitor) -> None:
    post = alice.write("Mine")
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert len(rules) > 10
    for rule in rules:
        known: dict[str, Any] = {
            "handle": "ben",
            "post_id": post,
            "person_id": 2,
            "action": "like",
            "answer": "accept",
        }
        with app.test_request_context():
            path = url_for(rule.endpoint, **{name: known[name] for name in rule.arguments})
        for form in ({}, {"csrf": ""}, {"csrf": "guess"}, {"csrf": "é"}):
            response = alice.client.post(path, base_url=ORIGIN, data={"text": "forged", **form})
            assert response.status_code == 400 and "expired" in response.text, (rule, form)
    assert "forged" not in alice.get("/local") and "Liked by" not in alice.get(f"/posts/{post}")
    token = re.search(r'name="csrf" value="([^"]+)"', ben.get("/login"))
    assert token
    response = alice.client.post("/posts", base_url=ORIGIN, data={"text": "forged", "csrf": token[1]})
    assert response.status_code == 400, "the token of another session"


def test_markup_is_shown_never_run(alice: Visitor, ben: Visitor, visitor: Visitor) -> None:
    alice.act(
        "/settings",
        display_name=NASTY[:60],
        bio=NASTY,
        field_name_0=NASTY[:40],
        field_value_0=NASTY,
        field_name_1="x",
        field_value_1="javascript:alert(1)",
        discoverable="on",
    )
    post = alice.write(
        f'{NASTY} @ben https://x.example/"onmouseover=alert(3) javascript:alert(4) #a<b>',
        warning=NASTY,
        picture_0=file(png(), NASTY),
        picture_alt_0=NASTY,
    )
    ben.write(f"@alice {NASTY}", reply_to=post)
    ben.act(f"/posts/{post}/like")
    paths = [
        "/local",
        "/@alice",
        "/@alice/followers",
        f"/posts/{post}",
        f"/search?q={NASTY}",
        "/search?q=script",
        "/tags/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        f"/compose?to=@{NASTY}",
        f"/login?next={NASTY}&name={NASTY}",
    ]
    for path in [*paths, "/settings", f"/posts/{post}/edit", "/notifications"]:
        for who in (alice, ben, visitor):
            page = who.client.get(path, base_url=ORIGIN, follow_redirects=True).text
            assert "<script" not in page and "<img src=x" not in page, path
            assert not re.search(r"""<[^>"]*("[^"]*"[^>"]*)*\son\w+=""", page), path
            assert 'href="javascript:' not in page, path
    refused = alice.post("/posts", {"text": NASTY * 30, "warning": NASTY})
    assert refused.status_code == 400 and "<script" not in refused.text


def test_headers(app: Flask, visitor: Visitor) -> None:
    for path in ("/local", "/login", "/nothing", "/static/chirp.css"):
        headers = visitor.fetch(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src" not in policy and "unsafe" not in policy
        assert "form-action 'self'" in policy and "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
    cookie = app.test_client().get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_pages_bring_no_script_and_no_inline_style(alice: Visitor) -> None:
    post = alice.write("Hello", warning="w", picture_0=file(png()))
    for path in ("/", f"/posts/{post}", "/compose", "/settings", "/@alice", "/notifications", "/search"):
        page = alice.get(path)
        assert "<script" not in page and " style=" not in page and "<style" not in page


def test_the_cookie_is_secure_behind_https(tmp_path: Path) -> None:
    from chirp import create_app

    app = create_app({"CHIRP_ORIGIN": "https://chirp.example/", "CHIRP_DATABASE": str(tmp_path / "x.sqlite")})
    assert app.config["SESSION_COOKIE_SECURE"] is True
    key = Path(tmp_path / "x.sqlite.key")
    assert key.stat().st_mode & 0o777 == 0o600 and len(key.read_text()) == 64
    again = create_app({"CHIRP_DATABASE": str(tmp_path / "x.sqlite")})
    assert again.config["SECRET_KEY"] == app.config["SECRET_KEY"] == key.read_text()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain text",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n\0\0\xff\xffIHDR",
        png(0, 0),
        png(20000, 1),
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe1\0\x01",
        b"\xff\xd8\xff\xe1\0\x10Exif\0\0MM\0*\xff\xff\xff\xff",
        b"GIF89a",
        b"RIFF\0\0\0\0WEBP",
        b"RIFF\0\0\0\0WEBPVP8 ",
    ],
)
def test_what_is_no_picture_is_refused(alice: Visitor, app: Flask, data: bytes) -> None:
    response = alice.post("/posts", {"text": "look", "picture_0": file(data, "photo.png")})
    assert response.status_code == 400 and "picture" in response.text
    assert "look</textarea>" in response.text, "what was written must not be lost"
    assert alice.post("/settings", {"avatar": file(data)}).status_code == 400
    assert "look" not in alice.get("/local")
    folder = Path(app.config["CHIRP_MEDIA"])
    assert not folder.exists() or not list(folder.iterdir())


def test_too_large_a_picture_is_refused(alice: Visitor) -> None:
    response = alice.post("/posts", {"text": "look", "picture_0": file(png() + b"\0" * (5 << 20))})
    assert response.status_code == 400 and "at most 5 MB" in response.text
    response = alice.client.post("/posts", base_url=ORIGIN, data={"picture_0": file(b"\0" * (21 << 20))})
    assert response.status_code == 413


def test_a_file_name_leads_nowhere(alice: Visitor, visitor: Visitor, app: Flask) -> None:
    alice.write("x", picture_0=file(png(), "../../../evil.html"))
    (stored,) = Path(app.config["CHIRP_MEDIA"]).iterdir()
    assert stored.suffix == ".png" and "evil" not in stored.name
    for path in ("/media/../chirp.sqlite", "/media/..%2fchirp.sqlite", "/media/x.html", "/media/.png"):
        assert visitor.fetch(path).status_code == 404


def test_a_failed_transaction_leaves_no_file(alice: Visitor, app: Flask) -> None:
    from chirp import events

    @events.post_published.connect_via(app)
    def refuse(_app: Flask, **_values: object) -> None:
        raise RuntimeError("no")

    assert alice.post("/posts", {"text": "gone", "picture_0": file(png())}).status_code == 500
    assert "gone" not in alice.get("/local")
    assert list(Path(app.config["CHIRP_MEDIA"]).iterdir()) == []


def test_a_photograph_keeps_its_orientation_and_nothing_else() -> None:
    tiff = (
        b"II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x25\x88\x04\0\x01\0\0\0\x1a\0\0\0GPS 47.1 N"
    )
    exif = b"Exif\0\0" + tiff
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    frame = b"\xff\xc0\0\x0b\x08\0\x64\0\xc8\x01\x01\x11\0"
    scan = b"\xff\xda\0\x08\x01\x01\0\0\x3f\0pixels\xff\xd9"
    picture = pictures.read(b"\xff\xd8" + segment + frame + scan)
    assert (picture.width, picture.height) == (100, 200), "200 x 100, lying on its side"
    assert b"GPS" not in picture.data and picture.data.endswith(frame + scan)
    assert pictures.read(picture.data) == picture


def test_webp_and_gif_sizes() -> None:
    assert pictures.read(b"GIF89a\x05\0\x07\0" + b"\0" * 20).height == 7
    extended = b"VP8X\x0a\0\0\0" + b"\x0c\0\0\0" + b"\x63\0\0" + b"\x31\0\0"
    exif = b"EXIF\x04\0\0\0GPS!"
    body = b"WEBP" + extended + exif
    picture = pictures.read(b"RIFF" + len(body).to_bytes(4, "little") + body)
    assert (picture.width, picture.height) == (100, 50) and b"GPS" not in picture.data
    assert picture.data[20] == 0


def test_a_person_from_elsewhere_cannot_log_in(app: Flask, visitor: Visitor) -> None:
    from chirp import elsewhere

    with inside(app), db.transaction() as connection:
        elsewhere.upsert_person(connection, uri="https://r.example/bob", handle="@bob@r.example")
        assert person("@bob@r.example").uri
    for name in ("bob", "@bob@r.example", "bob@r.example"):
        assert visitor.post("/login", {"name": name, "password": "correct horse"}).status_code == 401
