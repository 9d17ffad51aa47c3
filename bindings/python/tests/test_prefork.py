"""Fork after load, under gunicorn with ``preload_app``: every worker has the library that the master opened.

The master has made a key, signed with it and opened the instance before the fork (``hosted``).
"""

from __future__ import annotations

import concurrent.futures
import json
import os
import signal
from typing import Any

from test_servers import eventually

from test_federation import free_port
from test_middleware import place, process, request
from village import Village

WORKERS = 4


def test_every_worker_signs_with_its_own_key_and_the_masters(tmp_path, address):
    ann = Village(tmp_path, "ann", free_port(), address())
    log = tmp_path / "gunicorn.log"
    command = (
        "gunicorn", "--bind", f"127.0.0.1:{ann.port}", "--workers", str(WORKERS), "--preload",
        "--keep-alive", "0", "--log-file", str(log), "hosted:app",
    )  # fmt: skip
    answers: list[dict[str, Any]] = []

    def ask(_: int = 0) -> None:
        answer, body = request(ann.port, "GET", "/key")
        assert answer.status == 200
        answers.append(json.loads(body))

    def pids() -> set[int]:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(ask, range(16)))
        return {answer["pid"] for answer in answers}

    with process(*command, port=ann.port, **place(ann)) as master:
        assert eventually(lambda: len(pids()) == WORKERS)
        first = pids()
        assert master.pid not in first
        # A worker that dies is forked anew, from a master in which more time has passed.
        os.kill(min(first), signal.SIGKILL)
        assert eventually(lambda: len(pids()) > WORKERS)
        for answer in answers:
            assert answer["verdicts"] == ["accepted", "accepted"]
            assert answer["actor"] == 200
        # No two keys are the same: the children do not go on with one random state.
        assert len({answer["public"] for answer in answers}) == len(answers)
        # All of them publish one key of ann's, whoever made it.
        assert ann.rows("SELECT COUNT(*) FROM fedigraft_keys WHERE actor = ?", ann.actor) == [(1,)]
    told = log.read_text()
    assert told.count("was sent SIG") == told.count("was sent SIGKILL") == 1, told
