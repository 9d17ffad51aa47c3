"""``python -m fedigraft``: explain a captured request, run a worker as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fedigraft import Key, sign
from fedigraft.__main__ import main

from test_federation import free_port
from test_middleware import TESTS, place
from village import Served, Village

BODY = b'{"type":"Follow"}'


def capture(folder: Path, body: bytes = BODY) -> tuple[Path, Path]:
    key = Key.generate()
    headers = sign(key, "https://me.example/u#main-key", "POST", "https://you.example/inbox", body=BODY)
    request = folder / "request.txt"
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    request.write_bytes(b"POST /inbox HTTP/1.1\r\n" + lines.encode() + b"\r\n" + body)
    pem = folder / "key.pem"
    pem.write_text(key.public_pem())
    return request, pem


def test_explain_says_yes_and_why_not(tmp_path, capsys):
    request, pem = capture(tmp_path)
    assert main(["explain", str(request), "--key", str(pem)]) == 0
    assert "accepted" in capsys.readouterr().out
    request, pem = capture(tmp_path, b"{}")
    assert main(["explain", str(request), "--key", str(pem)]) == 1
    out = capsys.readouterr().out
    assert "FAIL" in out
    assert "signature base:" in out
    assert main(["explain", str(request)]) == 1
    assert "https://me.example/u#main-key" in capsys.readouterr().out


def test_explain_tells_of_wrong_use(tmp_path, capsys):
    assert main(["explain", str(tmp_path / "none")]) == 2
    assert "none" in capsys.readouterr().err
    (tmp_path / "empty").write_bytes(b"")
    assert main(["explain", str(tmp_path / "empty")]) == 2
    assert "request line" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["nonsense"])


def run(*arguments: str, village: Village, **environment: str) -> subprocess.Popen[bytes]:
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])
    return subprocess.Popen(
        [sys.executable, "-m", "fedigraft", "work", *arguments],
        env={**os.environ, "PYTHONPATH": paths, **place(village), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_workers_are_processes_and_stop_when_asked(tmp_path):
    """Two worker processes share one queue of 40 deliveries; each arrives once; SIGTERM ends them."""
    ann = Village(tmp_path, "ann", free_port())
    bob = Village(tmp_path, "bob", free_port())
    served = [Served(ann), Served(bob)]
    bob.fed.follow("1", ann.actor)
    while ann.fed.drain() + bob.fed.drain():
        pass
    for number in range(40):
        ann.write(f"Number {number}")
    workers = [run("hosted:fed", village=ann) for _ in range(2)]
    for worker in workers:  # a supervisor reads that it works, and that SIGTERM is heard from now on
        assert worker.stderr is not None
        assert any(line.endswith(b"INFO fedigraft: working, 2 threads\n") for line in worker.stderr)
    for _ in range(300):
        if len(bob.told()) == 41:
            break
        time.sleep(0.1)
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    for worker in workers:
        _, errors = worker.communicate(timeout=20)
        assert worker.returncode == 0, errors
    assert bob.told() == ["follow_accepted", *["post_created"] * 40]
    assert ann.rows("SELECT COUNT(*) FROM fedigraft_deliveries") == [(0,)]
    for one in served:
        one.close()


def test_once_ends_by_itself_and_a_wrong_name_is_told(tmp_path):
    ann = Village(tmp_path, "ann", free_port())
    ended = run("hosted:fed", "--once", village=ann)
    out, errors = ended.communicate(timeout=60)
    assert (ended.returncode, out) == (0, b"0 runs\n"), errors
    wrong = run("hosted:village", village=ann)
    assert b"is not a Federation" in wrong.communicate(timeout=60)[1]
    assert wrong.returncode == 2
