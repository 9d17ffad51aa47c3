"""The worker: runs jobs and sends deliveries, in this process or in one of its own.

Any number of workers may share a database: each row is leased before it is worked on, and a worker that is
killed leaves its row to the others when the lease runs out. Every run is one exchange and one commit.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from types import TracebackType
from typing import get_args

from . import commit, leases, store
from .commit import LeaseLost
from .database import Database
from .exchange import Driver
from .host import Alone, Host
from .instance import Instance
from .leases import Lease, Queue

log = logging.getLogger("fedigraft")

_PURGE_SECONDS = 3600


class Worker:
    """Runs what is due on ``threads`` threads. A context manager: started at the top, stopped at the end.

    Args:
        poll: seconds between two looks at the queue when nothing was due; work that this process commits
            wakes the worker at once.
    """

    def __init__(
        self,
        instance: Callable[[], Instance],
        driver: Driver,
        host: Host,
        database: Database,
        *,
        threads: int = 2,
        poll: float = 1.0,
    ) -> None:
        self._instance = instance
        self._driver = driver
        self._host = host
        self._database = database
        self._count = threads
        self._poll = poll
        self._woken = threading.Condition()
        self._stopping = False
        self._threads: list[threading.Thread] = []
        self._purged_at = 0

    def start(self) -> None:
        """Starts the threads."""
        self._instance()
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._loop, name=f"fedigraft-worker-{number}", daemon=True)
            for number in range(self._count)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Lets every thread finish what it is at, then ends."""
        self.ask_to_stop()
        for thread in self._threads:
            thread.join()
        self._threads = []

    def ask_to_stop(self) -> None:
        """As ``stop``, without waiting."""
        with self._woken:
            self._stopping = True
            self._woken.notify_all()

    def wake(self) -> None:
        """Looks at the queue now."""
        with self._woken:
            self._woken.notify_all()

    def run(self) -> None:
        """Works until SIGTERM or SIGINT, then finishes what it is at. For a process of its own."""
        # The handler only sets a flag: it may run while this very thread holds a lock.
        asked = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked.set())
        self.start()
        log.info("working, %d threads", self._count)
        while not asked.wait(0.2):
            pass
        self.stop()

    def drain(self) -> int:
        """Works on this thread until nothing is due; gives the number of runs. For tests and cron."""
        runs = 0
        while self.run_one():
            runs += 1
        return runs

    def run_one(self) -> bool:
        """Runs one row that is due; false when there is none."""
        for queue in get_args(Queue):
            with self._database.transaction() as session:
                lease = leases.claim(session, queue, self._driver.now())
            if lease is not None:
                self._work(lease)
                return True
        return False

    def _work(self, lease: Lease) -> None:
        now = self._driver.now()
        begin = self._instance().resume if lease.queue == "jobs" else self._instance().send
        try:
            done = self._driver.run(begin(now, lease.document), Alone(self._host, self._database))
            with self._database.transaction() as session:
                commit.apply(session, done, self._host.handlers, self._driver.now(), lease)
            log.debug("%s %s: %s", lease.queue, lease.id, done.result)
        except LeaseLost:
            log.info("%s %s was taken over by another worker", lease.queue, lease.id)
        except Exception:
            log.exception("%s %s could not be run and is kept for later", lease.queue, lease.id)
            with self._database.transaction() as session:
                leases.put_off(session, lease, self._driver.now())

    def _loop(self) -> None:
        while not self._stopping:
            try:
                if self.run_one():
                    continue
                self._purge()
            except Exception:
                # The database is away; the rows are still there when it comes back.
                log.exception("the worker could not reach its queue")
            with self._woken:
                if not self._stopping:
                    self._woken.wait(self._poll)

    def _purge(self) -> None:
        now = self._driver.now()
        with self._woken:
            if now - self._purged_at < _PURGE_SECONDS:
                return
            self._purged_at = now
        with self._database.transaction() as session:
            store.purge(session, now)

    def __enter__(self) -> Worker:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
