"""Exchanges by hand: the steps, wrong answers, closing, threads; and the same activity twice at once."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import fedigraft
from fedigraft import Busy, Fetched, FetchFailed, Instance, InvalidArgument, Key, OutOfStep, Request, sign
from fedigraft.exchange import Driver, Exchange
from fedigraft.host import Alone
from fedigraft.steps import Done, Fetch, Load, Sign

from test_federation import befriend, free_port, settle
from village import Served, Village

NOW = 1_790_000_000


@pytest.fixture
def ann(tmp_path: Path, address: Callable[[], str | None]) -> Village:
    return Village(tmp_path, "ann", free_port(), address())


def begin(ann: Village) -> Exchange:
    return ann.fed.instance.receive(
        NOW, Request("GET", "/ap/users/1", (("Accept", "application/activity+json"),))
    )


def test_the_steps_are_typed_and_asking_again_gives_the_same(ann):
    with begin(ann) as exchange:
        first = exchange.step()
        assert isinstance(first, Load)
        assert first == exchange.step()
        assert first.number == 1
        with ann.fed.database.session() as session:
            values = [ann.fed._host.load(session, one, NOW) for one in first.wanted]
        exchange.answer_load(first.number, NOW, values)
        step = exchange.step()
        assert step.number == 2
        while isinstance(step, Load):
            with ann.fed.database.session() as session:
                exchange.answer_load(
                    step.number, NOW, [ann.fed._host.load(session, w, NOW) for w in step.wanted]
                )
            step = exchange.step()
        assert isinstance(step, Done)
        assert step.response is not None
        assert step.response.status == 200
        assert json.loads(step.response.body)["id"] == ann.actor


def test_an_answer_to_another_step_changes_nothing(ann):
    with begin(ann) as exchange:
        first = exchange.step()
        assert isinstance(first, Load)
        for wrong in (
            lambda: exchange.answer_load(7, NOW, [None] * len(first.wanted)),
            lambda: exchange.answer_sign(first.number, NOW, b"x"),
            lambda: exchange.answer_fetch(first.number, NOW, Fetched("https://a", 200, (), b"", "1.1.1.1")),
        ):
            with pytest.raises(OutOfStep):
                wrong()
        with pytest.raises(InvalidArgument):
            exchange.answer_load(first.number, NOW, [])
        assert exchange.step() == first


def test_a_load_that_fails_is_a_503_and_not_a_404(ann):
    with begin(ann) as exchange:
        first = exchange.step()
        assert isinstance(first, Load)
        exchange.answer_load(first.number, NOW, [{"error": "away", "retryable": True}] * len(first.wanted))
        done = exchange.step()
        assert isinstance(done, Done)
        assert done.response is not None
        assert done.response.status == 503
    with begin(ann) as exchange:
        exchange.answer_load(1, NOW, [None] * len(first.wanted))
        done = exchange.step()
        assert isinstance(done, Done)
        assert done.response is not None
        assert done.response.status == 404


def test_closing_early_and_using_it_after(ann):
    exchange = begin(ann)
    exchange.close()
    exchange.close()
    with pytest.raises(InvalidArgument):
        exchange.step()


def test_an_exchange_outlives_its_instance(ann):
    instance = Instance("https://a.example", loads=ann.fed._host.names())
    exchange = instance.receive(NOW, Request("GET", "/ap/users/1"))
    instance.close()
    assert isinstance(exchange.step(), Load)
    exchange.close()


def test_ten_threads_on_one_exchange_get_steps_or_busy(ann):
    with begin(ann) as exchange:
        seen: list[object] = []

        def look() -> None:
            for _ in range(50):
                try:
                    seen.append(exchange.step())
                except Busy as error:
                    seen.append("busy" if error.retryable else "not retryable")

        threads = [threading.Thread(target=look) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(seen) == 500
        assert {s if isinstance(s, str) else type(s) for s in seen} <= {"busy", Load}


def test_ten_threads_on_one_instance(ann):
    answers: list[int] = []
    inbound = ann.fed.inbound

    def ask() -> None:
        for _ in range(5):
            request = Request("GET", "/ap/users/1", (("Accept", "application/activity+json"),))
            answers.append(inbound.answer(request).status)

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 50


def looked_up(ann: Village, fetch: Callable[[Fetch], Fetched], query: str = "https://peer.test/1"):
    driver = Driver(fetch, None, lambda: NOW)
    exchange = ann.fed.instance.look_up(NOW, query)
    return driver.run(exchange, Alone(ann.fed._host, ann.fed.database))


def test_a_fetch_is_signed_by_the_instance_and_complete(ann):
    asked: list[Fetch] = []

    def fetch(step: Fetch) -> Fetched:
        asked.append(step)
        return Fetched(step.url, 404, (), b"", "93.184.215.14")

    assert not looked_up(ann, fetch).result
    assert asked[0].method == "GET"
    names = [name.lower() for name, _ in asked[0].headers]
    assert {"host", "date", "signature", "accept", "user-agent"} <= set(names)
    assert dict(asked[0].headers)["Host"] == "peer.test"


@pytest.mark.parametrize("answer", [
    lambda step: Fetched("https://other.test/1", 200, (), b"{}", "93.184.215.14"),
    lambda step: Fetched(step.url, 200, (("Content-Type", "application/activity+json"),), b"{}", "10.0.0.1"),
], ids=["another-url", "private-address"])  # fmt: skip
def test_an_answer_the_core_does_not_believe_is_refused(ann, answer):
    with pytest.raises(fedigraft.Error) as caught:
        looked_up(ann, answer)
    assert caught.value.reason in ("another_url_answered", "private_address", "wrong_url", "address_refused")


def test_a_fetch_that_fails_says_whether_to_try_again(ann):
    def fetch(step: Fetch) -> Fetched:
        raise FetchFailed("away", reason="timeout", retryable=True)

    with pytest.raises(fedigraft.Failed) as caught:
        looked_up(ann, fetch)
    assert caught.value.retryable
    assert "timeout" in caught.value.message


def test_under_asyncio_a_fetcher_of_the_hosts_own_waits_on_threads_of_its_own(ann):
    """Forty at once, more than the event loop has threads: none ends before all have begun."""
    together = threading.Barrier(40)

    def fetch(step: Fetch) -> Fetched:
        together.wait(30)
        return Fetched(step.url, 404, (), b"", "93.184.215.14")

    driver = Driver(fetch, None, lambda: NOW)
    helper = Alone(ann.fed._host, ann.fed.database)

    async def main() -> list[Done]:
        begun = [ann.fed.instance.look_up(NOW, f"https://peer.test/{number}") for number in range(40)]
        return await asyncio.gather(*(driver.run_async(exchange, helper) for exchange in begun))

    assert [done.result for done in asyncio.run(main())] == [None] * 40


def test_an_exception_of_the_fetcher_frees_the_exchange(ann, monkeypatch):
    closed: list[Exchange] = []
    close = Exchange.close
    monkeypatch.setattr(Exchange, "close", lambda self: (closed.append(self), close(self))[1])

    def fetch(step: Fetch) -> Fetched:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        looked_up(ann, fetch)
    assert len(closed) == 1
    assert closed[0].closed


def test_a_missing_load_fails_when_the_instance_opens(tmp_path):
    fed = fedigraft.Federation("https://a.example", database=tmp_path / "a.db")
    fed.profile(lambda db, key: None)
    with pytest.raises(InvalidArgument) as caught:
        _ = fed.instance
    assert "@fed.post" in caught.value.message
    fed.post(lambda db, key: None)
    fed.posts(lambda db, key, cursor: None)
    assert fed.instance.uri("actor", "1") == "https://a.example/ap/users/1"


def test_mistakes_in_registering_show_at_once(tmp_path):
    with pytest.raises(InvalidArgument):
        fedigraft.Federation("not an origin", database=tmp_path / "a.db")
    fed = fedigraft.Federation("https://a.example", database=tmp_path / "a.db")
    with pytest.raises(InvalidArgument):
        fed.on("post_cretaed")

    async def later(db, event):
        pass

    with pytest.raises(InvalidArgument) as caught:
        fed.on("post_created")(later)
    assert caught.value.reason == "async_function"


def test_a_load_of_the_wrong_type_is_named(ann):
    ann.fed.profile(lambda db, key: "ann")
    with pytest.raises(InvalidArgument) as caught:
        ann.write("x")
    assert caught.value.place == "profile"


def delivered_to(ann: Village, bob: Village) -> Request:
    """A signed Create of Bob, who has a follower in Ann."""
    uri = bob.fed.instance.uri("post", "77")
    public = ["https://www.w3.org/ns/activitystreams#Public"]
    note = {"id": uri, "type": "Note", "attributedTo": bob.actor, "content": "<p>Once</p>", "to": public}
    document = {
        "@context": "https://www.w3.org/ns/activitystreams", "id": f"{uri}/create", "type": "Create",
        "actor": bob.actor, "to": public, "object": note,
    }  # fmt: skip
    body = json.dumps(document).encode()
    with bob.fed.database.session() as session:
        row = session.row("SELECT private_pem FROM fedigraft_keys WHERE actor = ?", (bob.actor,))
    assert row is not None
    headers = sign(Key.from_pem(row[0]), f"{bob.actor}#main-key", "POST", f"{ann.origin}/ap/inbox", body=body)
    return Request("POST", "/ap/inbox", headers, body)


@pytest.fixture
def friends(
    tmp_path: Path, ann: Village, address: Callable[[], str | None]
) -> Iterator[tuple[Village, Village]]:
    """Ann follows Bob."""
    bob = Village(tmp_path, "bob", free_port(), address())
    served = [Served(ann), Served(bob)]
    befriend(bob, ann)
    served[0].close()
    yield ann, bob
    served[1].close()


def test_two_exchanges_that_saw_the_same_past_have_one_effect(friends):
    """Both are judged before either commits, as in two processes; the second commit writes nothing."""
    ann, bob = friends
    request = delivered_to(ann, bob)
    helper = Alone(ann.fed._host, ann.fed.database)
    driver = ann.fed._driver
    ends = [driver.run(ann.fed.instance.receive(driver.now(), request), helper) for _ in range(2)]
    assert [[event["type"] for event in done.events] for done in ends] == [["post_created"]] * 2
    before = ann.told()
    responses = [ann.fed.inbound._commit(done) for done in ends]
    assert [response.status for response in responses] == [202, 202]
    assert ann.told() == [*before, "post_created"]


def test_the_same_delivery_at_once_through_six_processes_has_one_effect(friends):
    ann, bob = friends
    request = delivered_to(ann, bob)
    before = ann.told()
    children = []
    for _ in range(6):
        child = os.fork()
        if child == 0:
            status = 0
            for _ in range(3):
                status = max(status, ann.fed.inbound.answer(request).status)
            os._exit(0 if status == 202 else 1)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 6
    assert ann.told() == [*before, "post_created"]


def test_a_sign_step_can_be_answered_by_a_key_service(ann):
    """The private key need not be in the store at all."""
    with Key.generate() as key:

        class Service(Alone):
            def sign(self, step: Sign, now: int) -> bytes:
                assert step.algorithm == "rsa-v1_5-sha256"
                assert step.actor == ann.fed.instance.uri("instance_actor")
                return key.sign(step.data)

        seen: list[Fetch] = []

        def fetch(step: Fetch) -> Fetched:
            seen.append(step)
            return Fetched(step.url, 410, (), b"", "93.184.215.14")

        exchange = ann.fed.instance.look_up(NOW, "https://peer.test/1")
        Driver(fetch, None, lambda: NOW).run(exchange, Service(ann.fed._host, ann.fed.database))
        peer = Instance("https://peer.test")
        request = Request("GET", "/1", seen[0].headers)
        assert fedigraft.verify(peer, request, key.public(), now=NOW)


def test_settle_is_idle_when_nothing_is_due(ann):
    settle(ann)
    assert ann.fed.drain() == 0
