"""Handles: closed twice, used after closing, closed or let go under a call, used by many threads, forked."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable
from ctypes import CFUNCTYPE, c_void_p

import pytest

from fedigraft import (
    Busy,
    Content,
    Instance,
    InvalidArgument,
    Key,
    Post,
    Profile,
    PublicKey,
    Request,
    sign,
    store,
    verify,
)
from fedigraft._handle import Handle

KEY = Key.generate()
PEM = KEY.to_pem()


class Counted(Handle):
    """A handle whose freeing can be watched."""

    def __init__(self) -> None:
        self.freed: list[int | None] = []
        super().__init__(7, self.freed.append)


class Call:
    """A call into C on another thread that lasts until ``leave`` is set; it is given a handle's pointer."""

    def __init__(self, pointer: Callable[[], c_void_p]) -> None:
        self.seen: list[int | None] = []
        self.entered, self.leave = threading.Event(), threading.Event()

        @CFUNCTYPE(None, c_void_p)
        def native(address: int | None) -> None:
            self.seen.append(address)
            self.entered.set()
            self.leave.wait(10)

        self.thread = threading.Thread(target=lambda: native(pointer()))
        self.thread.start()
        assert self.entered.wait(10)

    def finish(self) -> None:
        self.leave.set()
        self.thread.join()


def test_closing_twice_frees_once():
    handle = Counted()
    freed = handle.freed
    handle.close()
    handle.close()
    with handle:
        pass
    del handle
    gc.collect()
    assert freed == [7]


PROFILE = Profile(id="1", username="ann", federated=True)
POST = Post(id="1", author="1", visibility="public", content=Content("x"))
REQUEST = Request("POST", "/ap/inbox", (("Host", "a.example"),), b"{}")


@pytest.mark.parametrize("use", [
    lambda instance: instance.uri("actor", "1"),
    lambda instance: instance.render_profile(PROFILE, PublicKey.from_pem(KEY.public_pem())),
    lambda instance: instance.render_post(PROFILE, POST),
    lambda instance: instance.render_webfinger(PROFILE),
    lambda instance: instance.render_nodeinfo(),
    lambda instance: instance.content_to_html(Content("x")),
    lambda instance: instance.route(REQUEST),
    lambda instance: instance.receive(0, REQUEST),
    lambda instance: instance.perform(0, {}),
    lambda instance: instance.look_up(0, "@a@b.example"),
    lambda instance: instance.resume(0, {}),
    lambda instance: instance.send(0, {}),
    lambda instance: verify(instance, REQUEST, PublicKey.from_pem(KEY.public_pem())),
])  # fmt: skip
def test_a_closed_instance_is_refused_everywhere(use):
    instance = Instance("https://a.example")
    instance.close()
    with pytest.raises(InvalidArgument) as caught:
        use(instance)
    assert (caught.value.reason, caught.value.place) == ("closed", "Instance")
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("use", [
    Key.to_pem, Key.public_pem, Key.public, lambda key: key.sign(b"x"),
    lambda key: sign(key, "https://a.example/k", "GET", "https://b.example/"),
])  # fmt: skip
def test_a_closed_key_is_refused_everywhere(use):
    key = Key.from_pem(PEM)
    key.close()
    assert key.closed
    with pytest.raises(InvalidArgument) as caught:
        use(key)
    assert (caught.value.reason, caught.value.place) == ("closed", "Key")


def test_a_closed_public_key_is_refused_everywhere():
    key = KEY.public()
    key.close()
    with Instance("https://a.example") as instance:
        for use in (
            key.to_pem,
            lambda: verify(instance, REQUEST, key),
            lambda: instance.render_profile(PROFILE, key),
        ):
            with pytest.raises(InvalidArgument) as caught:
                use()
            assert (caught.value.reason, caught.value.place) == ("closed", "PublicKey")


def test_a_context_manager_closes():
    with Key.from_pem(PEM) as key:
        assert key.sign(b"x")
    assert key.closed


def test_letting_go_frees():
    handle = Counted()
    freed = handle.freed
    del handle
    gc.collect()
    assert freed == [7]


def test_closing_during_a_call_frees_after_it():
    handle = Counted()
    call = Call(lambda: handle._pointer)
    handle.close()
    assert handle.closed
    assert handle.freed == []
    with pytest.raises(InvalidArgument):
        _ = handle._pointer
    call.finish()
    assert call.seen == handle.freed == [7]


def test_a_finaliser_during_a_call_frees_after_it():
    """The last reference to the handle goes while C still has its pointer."""
    box = [Counted()]
    freed = box[0].freed
    call = Call(lambda: box.pop()._pointer)
    assert box == []
    gc.collect()
    assert freed == []
    call.finish()
    assert call.seen == freed == [7]


def test_a_real_key_closed_while_ten_threads_sign():
    """Every call either finishes or raises; none touches freed memory."""
    for _ in range(20):
        key = Key.from_pem(PEM)
        outcomes: list[object] = []

        def sign(key: Key = key, outcomes: list[object] = outcomes) -> None:
            try:
                for _ in range(10):
                    outcomes.append(len(key.sign(b"message")))
            except InvalidArgument as error:
                outcomes.append(error.reason)

        threads = [threading.Thread(target=sign) for _ in range(10)]
        for thread in threads:
            thread.start()
        time.sleep(0.005)
        key.close()
        for thread in threads:
            thread.join()
        assert set(outcomes) <= {256, "closed"}


def test_an_instance_and_its_exchanges_closed_while_ten_threads_use_them():
    for _ in range(20):
        instance = Instance("https://a.example", loads=["blocked", "post", "posts", "profile", *store.NAMES])
        opened = [instance.look_up(0, "https://b.example/1") for _ in range(3)]
        outcomes: list[object] = []

        def use(
            instance: Instance = instance, opened: list = opened, outcomes: list[object] = outcomes
        ) -> None:
            for number in range(50):
                try:
                    outcomes.append(instance.uri("actor", "1"))
                    opened[number % 3].step()
                    instance.look_up(0, "https://b.example/1")
                except InvalidArgument as error:
                    outcomes.append(error.reason)
                except Busy:
                    pass

        threads = [threading.Thread(target=use) for _ in range(10)]
        for thread in threads:
            thread.start()
        time.sleep(0.002)
        for handle in (*opened, instance, *opened):
            handle.close()
        for thread in threads:
            thread.join()
        assert set(outcomes) <= {"https://a.example/ap/users/1", "closed"}


def test_ten_threads_share_one_key():
    public = KEY.public()
    signatures: list[bytes] = []
    threads = [threading.Thread(target=lambda: signatures.append(KEY.sign(b"same"))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(signatures) == 10
    assert len(set(signatures)) == 1
    assert public.to_pem() == KEY.public_pem()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("use", [Key.public_pem, lambda key: key.sign(b"x")], ids=["reads", "signs"])
def test_a_child_forked_while_others_use_a_key_uses_and_frees_its_copy(use):
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            use(KEY)

    threads = [threading.Thread(target=busy) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            child = os.fork()
            if child == 0:
                try:
                    signal.alarm(20)
                    ok = len(KEY.sign(b"x")) == 256
                    KEY.close()
                    os._exit(0 if ok else 1)
                except BaseException:
                    os._exit(2)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert len(KEY.sign(b"x")) == 256
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_a_private_key_is_neither_shown_nor_pickled():
    assert repr(KEY) == "<Key>"
    with pytest.raises(TypeError):
        pickle.dumps(KEY)
    with pytest.raises(TypeError):
        pickle.dumps(PublicKey.from_pem(KEY.public_pem()))
