"""The test vectors of all languages, and the package's public face on the same inputs."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

import fedigraft
from fedigraft import Content, Post, Profile, Request, Route

from vectors import CALLS, Fault, Runner, cases, files, read_bytes


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner()


@pytest.mark.parametrize(("name", "file"), list(files().items()))
def test_every_case_comes_out_as_written(runner: Runner, name: str, file: Any) -> None:
    for case in cases(file):
        try:
            runner.run(case)
        except AssertionError as fault:
            raise AssertionError(f"{name}: {case['name']}: {fault}") from fault


def public(runner: Runner, case: Any) -> None:
    """The same by the package's public face, where there is one for these inputs."""
    name, given, out = case["call"], case["in"], case["out"]
    values: Any = {key: runner.input(key, value) for key, value in given.items()}
    instance, key = values.get("instance"), values.get("key")
    expected: Any = out["json"] if isinstance(out, dict) and "json" in out else read_bytes(out)

    def parsed(which: str) -> Any:
        return json.loads(values[which])

    def request() -> Request:
        head = parsed("head")
        lines = tuple((line[0], line[1]) for line in head["headers"])
        return Request(head["method"], head["target"], lines, values.get("body", b""), head.get("client"))

    if name in ("key_to_pem", "public_key_to_pem"):
        found: Any = (key or values["public_key"]).to_pem().encode()
    elif name == "key_public_pem":
        assert key.public().to_pem() == key.public_pem()
        found = key.public_pem().encode()
    elif name == "key_sign":
        found = key.sign(values["message"])
    elif name == "instance_describe":
        found = instance.described
    elif name == "instance_uri":
        found = instance.uri(given["kind"], given["id"]).encode()
    elif name == "request_sign":
        head = parsed("head")
        given_lines = tuple(tuple(line) for line in head["headers"])
        url = f"https://{head['headers'][0][1]}{head['target']}"
        body, now = values["body"], values["now"]
        lines = fedigraft.sign(key, given["key_id"], head["method"], url, body=body, now=now)
        if given_lines != lines[: len(given_lines)]:
            return  # an empty body with a type: no header for it here
        found = [list(line) for line in lines[len(given_lines) :]]
    elif name == "request_key_id":
        found, expected = fedigraft.claim(request()), fedigraft.Claim(**expected)
    elif name in ("request_verify", "request_explain"):
        judge = fedigraft.verify if name == "request_verify" else fedigraft.explain
        found = judge(instance, request(), values["public_key"], now=values["now"])
        expected = fedigraft.Verdict.from_json(expected)
    elif name == "profile_read":
        found, expected = fedigraft.read_profile(values["actor"]), Profile.from_json(expected["profile"])
    elif name == "post_read":
        found, expected = fedigraft.read_post(values["object"]), Post.from_json(expected["post"])
    elif name == "activity_read":
        found = fedigraft.read_activity(values["activity"])
    elif name == "html_sanitise":
        found = fedigraft.sanitise(values["html"].decode()).encode()
    elif name == "html_to_text":
        found = fedigraft.html_to_text(values["html"].decode()).encode()
    elif name == "profile_render":
        found = instance.render_profile(Profile.from_json(parsed("profile")), values["public_key"])
    elif name == "post_render":
        found = instance.render_post(Profile.from_json(parsed("profile")), Post.from_json(parsed("post")))
    elif name == "webfinger_render":
        found = instance.render_webfinger(Profile.from_json(parsed("profile")))
    elif name == "nodeinfo_render":
        found = instance.render_nodeinfo(given["version"], parsed("usage") if values["usage"] else None)
    elif name == "content_to_html":
        found = instance.content_to_html(Content.from_json({"text": "", **parsed("content")}))
    else:
        assert name == "route"
        headers = tuple((name, value) for name, value in expected["headers"])
        endpoint, most = expected.get("endpoint", ""), expected.get("max_body", 0)
        found, expected = instance.route(request()), Route(expected["ours"], headers, endpoint, most)
    assert found == expected


@pytest.mark.parametrize(("name", "file"), list(files().items()))
def test_the_public_face_says_the_same(runner: Runner, name: str, file: Any) -> None:
    for case in cases(file):
        if "out" in case:
            try:
                public(runner, case)
            except AssertionError as fault:
                raise AssertionError(f"{name}: {case['name']}: {fault}") from fault


def test_no_case_is_missing_or_there_twice() -> None:
    names = [case["name"] for file in files().values() for case in cases(file)]
    assert len(names) >= 40
    assert len(names) == len(set(names))
    called = {case["call"] for file in files().values() for case in cases(file)}
    assert called == set(CALLS)


def leaves(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Where values stand in a document."""
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    elif path[-1] != "base64":
        yield path


def expectations(case: Any) -> list[tuple[Any, ...]]:
    found = [path for kind in ("out", "error") if kind in case for path in leaves(case[kind], (kind,))]
    for index, item in enumerate(case.get("steps", ())):
        for kind in ("step", "body", "error"):
            if kind in item:
                found += leaves(item[kind], ("steps", index, kind))
    return found


def test_one_wrong_expectation_in_any_case_is_seen(runner: Runner) -> None:
    for number, case in enumerate(case for file in files().values() for case in cases(file)):
        paths = expectations(case)
        if not paths:
            continue
        wrong = copy.deepcopy(case)
        *way, last = paths[number * 7 % len(paths)]
        place = wrong
        for key in way:
            place = place[key]
        old = place[last]
        place[last] = not old if isinstance(old, bool) else f"{old}x" if isinstance(old, str) else -1
        with pytest.raises(AssertionError):
            runner.run(wrong)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"nota": "x"}, "'nota' is unknown"),
        ({"call": "instance_url"}, "no function"),
        ({"in": {"instance": "chirp", "kind": "actor"}}, "'id' is missing"),
        ({"in": {"instance": "chirp", "kind": "actor", "id": "42", "idd": ""}}, "'idd' is unknown"),
        ({"in": {"instance": "chrip", "kind": "actor", "id": "42"}}, "no instance 'chrip'"),
        ({"in": {"instance": "chirp", "kind": "actor", "id": {"text": "42"}}}, "'text' is unknown"),
        ({"error": {}}, "one outcome"),
        ({"out": "https://chirp.example/ap/users/43"}, "found"),
    ],
)
def test_what_the_format_does_not_know_is_refused(runner: Runner, change: dict[str, Any], why: str) -> None:
    case = {
        "name": "x",
        "call": "instance_uri",
        "in": {"instance": "chirp", "kind": "actor", "id": "42"},
        "out": "https://chirp.example/ap/users/42",
    }
    runner.run(case)
    with pytest.raises(Fault, match=why):
        runner.run({**case, **change})
