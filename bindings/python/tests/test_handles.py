"""Handles: closed twice, used after closing, closed under a call, let go, used by many threads, forked."""

from __future__ import annotations

import gc
import os
import pickle
import threading
import time

import pytest

from fedigraft import InvalidArgument, Key, PublicKey
from fedigraft._handle import Handle

KEY = Key.generate()
PEM = KEY.to_pem()


class Counted(Handle):
    """A handle whose freeing can be watched."""

    def __init__(self) -> None:
        self.freed: list[int] = []
        super().__init__(7, self.freed.append)


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


def test_use_after_close_raises():
    key = Key.from_pem(PEM)
    key.close()
    assert key.closed
    with pytest.raises(InvalidArgument) as caught:
        key.sign(b"x")
    assert caught.value.reason == "closed"
    assert isinstance(caught.value, ValueError)


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
    entered, leave = threading.Event(), threading.Event()

    def call() -> None:
        with handle._pinned:
            entered.set()
            leave.wait(5)

    thread = threading.Thread(target=call)
    thread.start()
    entered.wait(5)
    handle.close()
    assert handle.freed == []
    with pytest.raises(InvalidArgument):
        handle._pinned.__enter__()
    leave.set()
    thread.join()
    assert handle.freed == [7]


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
def test_a_forked_child_uses_and_frees_its_copy():
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            KEY.public_pem()

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        for _ in range(20):
            child = os.fork()
            if child == 0:
                try:
                    ok = len(KEY.sign(b"x")) == 256
                    KEY.close()
                    os._exit(0 if ok else 1)
                except BaseException:
                    os._exit(2)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert len(KEY.sign(b"x")) == 256
    finally:
        stop.set()
        thread.join()


def test_a_private_key_is_neither_shown_nor_pickled():
    assert repr(KEY) == "<Key>"
    with pytest.raises(TypeError):
        pickle.dumps(KEY)
    with pytest.raises(TypeError):
        pickle.dumps(PublicKey.from_pem(KEY.public_pem()))
