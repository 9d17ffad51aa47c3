"""Runs test vectors through the package's call helper and its ``Exchange``, and compares exactly.

``tests/vectors/README.md`` is the format. It is read strictly, so that a typing mistake cannot make a case
pass.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from ctypes import string_at
from functools import partial
from pathlib import Path
from typing import Any

import fedigraft
from fedigraft import _abi, steps
from fedigraft._lib import call, call_bytes, call_handle, document, library, span
from fedigraft.exchange import Exchange

FOLDER = Path(__file__).resolve().parents[3] / "tests" / "vectors"

HANDLES = ("instance", "key", "public_key")
CALLS: dict[str, tuple[str, ...]] = {
    name: tuple(inputs.split())
    for name, inputs in {
        "key_from_pem": "pem",
        "key_to_pem": "key",
        "key_public_pem": "key",
        "key_sign": "key message",
        "public_key_from_pem": "pem",
        "public_key_to_pem": "public_key",
        "instance_new": "config",
        "instance_describe": "instance",
        "instance_uri": "instance kind id",
        "request_sign": "key key_id now head body",
        "request_key_id": "head",
        "request_verify": "instance public_key now head body",
        "request_explain": "instance public_key now head body",
        "profile_render": "instance profile public_key",
        "profile_read": "actor",
        "post_render": "instance profile post",
        "post_read": "object",
        "activity_read": "activity",
        "html_sanitise": "html",
        "html_to_text": "html",
        "content_to_html": "instance content",
        "webfinger_render": "instance profile",
        "nodeinfo_render": "instance version usage",
        "route": "instance head",
        "receive": "instance now head body",
        "perform": "instance now action",
        "look_up": "instance now query",
        "resume": "instance now job",
        "send": "instance now delivery",
    }.items()
}
OPENS = ("key_from_pem", "public_key_from_pem", "instance_new")
BEGINS = ("receive", "perform", "look_up", "resume", "send")


class Fault(AssertionError):
    """A case is not what the format allows, or does not come out as written."""


def check(truth: bool, why: str) -> None:
    if not truth:
        raise Fault(why)


def members(value: Any, needed: tuple[str, ...], allowed: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these members and no other."""
    check(isinstance(value, dict), f"expected an object, found {value!r}")
    for name in needed:
        check(name in value, f"{name!r} is missing")
    for name in value:
        check(name in needed or name in allowed, f"{name!r} is unknown here")
    return dict(value)


def read_bytes(value: Any) -> bytes:
    """Bytes in one of the four ways to write them."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, dict) and "repeat" in value:
        given = members(value, ("repeat", "times"))
        check(type(given["times"]) is int and given["times"] >= 0, "`times` is no count")
        return bytes(given["repeat"].encode() * given["times"])
    given = members(value, (), ("json", "base64"))
    check(len(given) == 1, "expected one of `json` and `base64`")
    if "json" in given:
        return document(given["json"])[0]
    return base64.b64decode(given["base64"], validate=True)


def compare(found: Any, expected: Any, at: str = "") -> None:
    """Values are equal: no member more, none less; true is not 1."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in expected.keys() | found.keys():
            check(name in found, f"{at}/{name}: expected {expected.get(name)!r}, found nothing")
            check(name in expected, f"{at}/{name}: expected nothing, found {found.get(name)!r}")
            compare(found[name], expected[name], f"{at}/{name}")
    elif isinstance(expected, list) and isinstance(found, list):
        check(len(found) == len(expected), f"{at}: expected {expected!r}, found {found!r}")
        for index, (one, other) in enumerate(zip(found, expected, strict=True)):
            compare(one, other, f"{at}/{index}")
    else:
        same = isinstance(found, bool) == isinstance(expected, bool) and found == expected
        check(same, f"{at}: expected {expected!r}, found {found!r}")


def compare_bytes(found: bytes, expected: Any) -> None:
    wanted = read_bytes(expected)
    if isinstance(expected, dict) and "json" in expected:
        compare(json.loads(found), expected["json"])
    else:
        check(found == wanted, f"expected {wanted!r}, found {found!r}")


def compare_error(found: fedigraft.Error, expected: Any) -> None:
    members(expected, ("status", "reason", "at", "retryable"))
    said = {"status": found.code, "reason": found.reason, "at": found.place or None}
    compare({**said, "retryable": found.retryable}, expected, "error")


class Runner:
    """Runs cases with the handles that they name."""

    def __init__(self) -> None:
        named = json.loads((FOLDER / "handles.json").read_text())
        self.handles: dict[str, dict[str, Any]] = {
            "instance": {name: fedigraft.Instance(**config) for name, config in named["instances"].items()},
            "key": {name: fedigraft.Key.from_pem(pem) for name, pem in named["keys"].items()},
            "public_key": {n: fedigraft.PublicKey.from_pem(p) for n, p in named["public_keys"].items()},
        }

    def run(self, case: Any) -> None:
        """Runs a case; a ``Fault`` says what differs."""
        given = members(case, ("name", "call", "in"), ("note", "out", "error", "steps"))
        check(isinstance(given.get("note", ""), str), "`note` is no text")
        check(given["call"] in CALLS, f"there is no function {given['call']!r}")
        names = CALLS[given["call"]]
        inputs = members(given["in"], names)
        check(sum(kind in given for kind in ("out", "error", "steps")) == 1, "expected one outcome")
        check("steps" not in given or given["call"] in BEGINS, "`steps` need an exchange")
        check("out" not in given or given["call"] not in (*BEGINS, *OPENS), "this call has no `out`")
        values = {name: self.input(name, inputs[name]) for name in names}
        try:
            outcome = self.call(given["call"], values)
        except fedigraft.Error as error:
            check("error" in given, f"it failed: {error!r}")
            compare_error(error, given["error"])
            return
        check("error" not in given, f"expected {given.get('error')}, it succeeded")
        if isinstance(outcome, Exchange):
            with outcome:
                self.play(outcome, given["steps"], values["now"])
        else:
            compare_bytes(outcome, given["out"])

    def input(self, name: str, value: Any) -> Any:
        if name in HANDLES:
            check(value in self.handles[name], f"there is no {name} {value!r}")
            return self.handles[name][value]
        if name == "now":
            check(type(value) is int, "`now` is no number")
            return value
        return read_bytes(value)

    def call(self, name: str, values: Mapping[str, Any]) -> bytes | Exchange:
        function: Callable[..., int] = getattr(library, f"fedigraft_{name}")
        arguments: list[Any] = []
        for value in values.values():
            if isinstance(value, bytes):
                arguments += span(value)
            else:
                arguments.append(value if isinstance(value, int) else value._pointer)
        if name in BEGINS:
            return Exchange(call_handle(function, *arguments))
        if name in OPENS:
            call_handle(function, *arguments)
            return b""
        return call_bytes(function, *arguments)

    def play(self, exchange: Exchange, items: list[Any], now: int) -> None:
        check(isinstance(items, list) and bool(items), "`steps` is no list")
        for index, item in enumerate(items):
            given = members(item, (), ("step", "body", "answer", "error"))
            last = index + 1 == len(items)
            if "error" in given:
                check(last and len(given) == 1, "an `error` stands alone and ends the exchange")
                try:
                    found, _ = raw_step(exchange)
                except fedigraft.Error as error:
                    compare_error(error, given["error"])
                    return
                raise Fault(f"expected {given['error']}, found {found}")
            check("step" in given, "`step` is missing")
            check(("answer" in given) != last, "every item but the last has an `answer`")
            found, body = raw_step(exchange)
            compare(found, given["step"], f"step {index + 1}")
            compare_bytes(body, given.get("body", ""))
            check(exchange.step() == steps.read(found, body), "`Exchange.step` says something else")
            if not last:
                self.answer(exchange, given["answer"], found, now)

    def answer(self, exchange: Exchange, answer: Any, step: dict[str, Any], now: int) -> None:
        give = self.ready(exchange, answer, step)
        number, at = answer.get("number", step["step"]), answer.get("now", now)
        check(type(number) is int and type(at) is int, "`number` and `now` are numbers")
        try:
            give(number, at)
        except fedigraft.Error as error:
            check("error" in answer, f"the answer failed: {error!r}")
            compare_error(error, answer["error"])
        else:
            check("error" not in answer, f"expected {answer.get('error')}, the answer was taken")

    def ready(self, exchange: Exchange, answer: Any, step: dict[str, Any]) -> Callable[[int, int], None]:
        """What gives the answer: by the class, where it can say so, else as the bytes that cross."""
        always = ("now", "number", "error")
        if "load" in answer:
            values = members(answer, ("load",), always)["load"]
            if isinstance(values, list):
                return lambda number, now: exchange.answer_load(number, now, values)
            return partial(raw_answer, exchange, "load", document(values))
        if "fetch" in answer:
            head, body = members(answer, ("fetch", "body"), always)["fetch"], read_bytes(answer["body"])
            if set(head) == {"url", "status", "headers", "address"}:
                fetched = fedigraft.Fetched(**head, body=body)
                return lambda number, now: exchange.answer_fetch(number, now, fetched)
            return partial(raw_answer, exchange, "fetch", (*document(head), *span(body)))
        if "sign" in answer or "signature" in answer:
            kind = "sign" if "sign" in answer else "signature"
            given = members(answer, (kind,), always)[kind]
            check(kind == "signature" or "sign" in step, "the step asks for no signature")
            if kind == "signature":
                signature = read_bytes(given)
            else:
                data = base64.b64decode(step["sign"]["bytes"], validate=True)
                signature = self.input("key", given).sign(data)
            return lambda number, now: exchange.answer_sign(number, now, signature)
        failed = members(answer, ("failed", "retryable"), always)
        reason, retryable = failed["failed"], failed["retryable"]
        check(type(retryable) is bool, "`retryable` is true or false")
        return lambda number, now: exchange.answer_failed(number, now, reason, retryable)


def raw_step(exchange: Exchange) -> tuple[dict[str, Any], bytes]:
    """A step as its JSON, before the package reads it."""
    text, body = _abi.Buf(), _abi.Buf()
    try:
        call(library.fedigraft_exchange_step, exchange._pointer, text, body)
        return json.loads(string_at(text.data, text.len)), string_at(body.data, body.len) if body.len else b""
    finally:
        library.fedigraft_buf_free(text)
        library.fedigraft_buf_free(body)


def raw_answer(exchange: Exchange, kind: str, arguments: tuple[Any, ...], number: int, now: int) -> None:
    function = getattr(library, f"fedigraft_exchange_answer_{kind}")
    call(function, exchange._pointer, number, now, *arguments)


def files() -> dict[str, Any]:
    """Every file of cases."""
    paths = sorted(path for path in FOLDER.glob("*.json") if path.name != "handles.json")
    return {path.name: json.loads(path.read_text()) for path in paths}


def cases(file: Any) -> list[Any]:
    """The cases of a file."""
    found = members(file, ("source", "cases"))["cases"]
    check(isinstance(found, list) and bool(found), "there are no cases")
    return list(found)
