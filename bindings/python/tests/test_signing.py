"""Keys, signing, verifying and explaining, through the real library."""

from __future__ import annotations

import base64
import dataclasses
import pickle
import subprocess

import pytest

import fedigraft
from fedigraft import Instance, InvalidArgument, Key, Malformed, PublicKey, Request

NOW = 1_790_000_000
KEY = Key.generate()
KEY_ID = "https://me.example/ap/users/1#main-key"
BODY = b'{"type":"Follow"}'
HERE = Instance("https://you.example")


def signed(body: bytes = BODY, now: int = NOW, url: str = "https://you.example/inbox?a=%20b") -> Request:
    headers = fedigraft.sign(KEY, KEY_ID, "POST", url, body=body, now=now)
    return Request("POST", url.removeprefix("https://you.example"), headers, body)


def test_what_is_signed_verifies():
    verdict = fedigraft.verify(HERE, signed(), KEY.public(), now=NOW)
    assert verdict
    assert (verdict.key_id, verdict.scheme, verdict.evidence) == (KEY_ID, "cavage", None)


def test_the_headers_are_those_every_server_accepts():
    names = [name for name, _ in signed().headers]
    assert names == ["Host", "Content-Type", "Date", "Digest", "Signature"]
    assert dict(signed().headers)["Host"] == "you.example"
    get = fedigraft.sign(KEY, KEY_ID, "GET", "https://you.example:8443/a", now=NOW)
    assert [name for name, _ in get] == ["Host", "Date", "Signature"]
    assert dict(get)["Host"] == "you.example:8443"


def test_the_claim_names_the_key():
    assert fedigraft.claim(signed()) == fedigraft.Claim("cavage", KEY_ID)
    with pytest.raises(Malformed):
        fedigraft.claim(Request("GET", "/"))


@pytest.mark.parametrize(
    "change",
    [
        {"body": b'{"type":"Block"}'},
        {"target": "/inbox"},
        {"method": "PUT"},
        {"headers": signed().headers[:2] + signed().headers[3:]},
    ],
    ids=["body", "target", "method", "no-date"],
)
def test_every_change_is_noticed(change):
    verdict = fedigraft.verify(HERE, dataclasses.replace(signed(), **change), KEY.public(), now=NOW)
    assert not verdict
    assert verdict.status in (400, 401)


def test_another_host_another_key_another_time():
    assert not fedigraft.verify(Instance("https://other.example"), signed(), KEY.public(), now=NOW)
    with Key.generate() as other:
        assert not fedigraft.verify(HERE, signed(), other.public(), now=NOW)
    assert not fedigraft.verify(HERE, signed(), KEY.public(), now=NOW + 86_400)


def test_an_explanation_shows_every_rule_and_the_cause():
    changed = dataclasses.replace(signed(), body=b"{}")
    verdict = fedigraft.explain(HERE, changed, KEY.public(), now=NOW)
    assert verdict.evidence is not None
    failed = [rule for rule in verdict.evidence.rules if not rule.ok]
    assert failed
    assert all(rule.expected and rule.source for rule in failed)
    assert "(request-target): post /inbox?a=%20b" in (verdict.evidence.signature_base or "")
    report = verdict.report()
    assert "FAIL" in report
    assert "signature base:" in report


def test_a_captured_request_reads_back():
    request = signed()
    lines = [f"POST {request.target} HTTP/1.1", *(f"{n}: {v}" for n, v in request.headers)]
    lines.append(f"Content-Length: {len(BODY)}")
    crlf = "\r\n".join([*lines, "", ""]).encode() + BODY
    lf = "\n".join([*lines, "", ""]).encode() + BODY + b"\n"
    for text in (crlf, lf):
        assert fedigraft.verify(HERE, Request.from_bytes(text), KEY.public(), now=NOW)


@pytest.mark.parametrize("text", [b"", b"hello", b"POST\r\n\r\n", b"POST / HTTP/1.1\r\nno colon\r\n\r\n"])
def test_a_bad_capture_says_where(text):
    with pytest.raises(Malformed) as caught:
        Request.from_bytes(text)
    assert caught.value.place.startswith("line ")


def test_pems_come_back_and_bad_ones_are_refused():
    pem = KEY.to_pem()
    assert Key.from_pem(pem).to_pem() == pem
    assert Key.from_pem(pem.replace("\n", "\\n").encode()).public_pem() == KEY.public_pem()
    for text in ("", "no key", KEY.public_pem()):
        with pytest.raises(fedigraft.Error):
            Key.from_pem(text)
    with pytest.raises(Malformed) as caught:
        PublicKey.from_pem("no key")
    assert caught.value.reason
    assert "no key" not in str(caught.value)


def test_openssl_agrees(tmp_path):
    """The signature is one that software nobody here wrote accepts."""
    (tmp_path / "public.pem").write_text(KEY.public_pem())
    (tmp_path / "signature").write_bytes(KEY.sign(b"message"))
    (tmp_path / "message").write_bytes(b"message")
    command = ["openssl", "dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "message"]
    assert b"Verified OK" in subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout


def test_the_digest_is_of_the_exact_body():
    command = ["openssl", "dgst", "-sha256", "-binary"]
    hashed = subprocess.run(command, input=BODY, check=True, capture_output=True).stdout
    assert dict(signed().headers)["Digest"] == f"SHA-256={base64.b64encode(hashed).decode()}"


@pytest.mark.parametrize("url", ["/inbox", "ftp://a/", "https://", "https://u@h/", "not a url"])
def test_a_bad_url_is_refused(url):
    with pytest.raises(InvalidArgument):
        fedigraft.sign(KEY, KEY_ID, "GET", url, now=NOW)


def test_errors_say_where_and_travel_between_processes():
    with pytest.raises(InvalidArgument) as caught:
        Instance("https://you.example", aliases=["not an origin"])
    error = caught.value
    assert error.place == "/aliases/0"
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.place) == (type(error), str(error), error.place)


def test_an_instance_tells_its_uris_and_its_warnings():
    with Instance("http://127.0.0.1:8080", policy="development", account_domain="chirp.test") as instance:
        assert instance.uri("actor", "7") == "http://127.0.0.1:8080/ap/users/7"
        assert instance.uri("handle", "alice") == "@alice@chirp.test"
        assert instance.uri("key", "7").endswith("/ap/users/7#main-key")
        assert instance.is_development
        assert any("development" in warning for warning in instance.described["warnings"])
    assert not HERE.is_development
    with pytest.raises(InvalidArgument):
        HERE.uri("nonsense")
