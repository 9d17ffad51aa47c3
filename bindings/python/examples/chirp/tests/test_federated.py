"""chirp with federate.py in front: what a visitor, another server and the database see."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1]

# Runs in a process of its own: federate.py reads its settings when it is imported.
PROGRAM = """
import json, sqlite3
import federate
from chirp import db, people, posts

app = federate.app
db.prepare(app.config["CHIRP_DATABASE"])
out = {}


def jobs(c):
    try:
        return c.execute("SELECT count(*) FROM fedigraft_jobs").fetchone()[0]
    except sqlite3.OperationalError:
        return 0  # the tables were made in the transaction that was rolled back


def write(c, who, text):
    posts.publish(c, who, posts.Draft(text=text, visibility="public"))


with app.app_context():
    with db.transaction() as c:
        ann = people.sign_up(c, "ann", "swallows and swifts", federated=True)
        ben = people.sign_up(c, "ben", "swallows and swifts", federated=False)
    try:
        with db.transaction() as c:
            write(c, ann, "rolled back")
            out["inside"] = jobs(c)
            raise ZeroDivisionError
    except ZeroDivisionError:
        out["after rollback"] = jobs(db.connection())
    with db.transaction() as c:
        write(c, ann, "kept")
        write(c, ben, "only here")
    out["after commit"] = jobs(db.connection())

client = app.test_client()


def status(path, **more):
    return client.open(path, base_url=app.config["CHIRP_ORIGIN"], **more).status_code


def seen(name, number):
    paths = [f"/.well-known/webfinger?resource=acct:{name}@chirp.example"]
    paths += [f"/ap/users/{number}{rest}" for rest in ("", "/outbox", "/followers", "/following")]
    activity = {"data": b"{}", "headers": {"Content-Type": "application/activity+json"}}
    return [status(path) for path in paths] + [status(f"/ap/users/{number}/inbox", method="POST", **activity)]


out |= {"ann": seen("ann", ann.id), "ben": seen("ben", ben.id), "nobody": seen("nobody", 99)}
out["page"] = status("/@ann")
print(json.dumps(out))
"""


def test_the_graft(tmp_path: Path) -> None:
    environment = os.environ | {
        "CHIRP_ORIGIN": "https://chirp.example",
        "CHIRP_DATABASE": str(tmp_path / "chirp.sqlite"),
        "CHIRP_MEDIA": str(tmp_path / "media"),
        "SECRET_KEY": "for this test",
    }
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", PROGRAM],
        cwd=FOLDER,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    out = json.loads(done.stdout.splitlines()[-1])
    # What the library plans lives and dies with the host's transaction.
    assert (out["inside"], out["after rollback"], out["after commit"]) == (1, 0, 1)
    # Who does not federate is as missing as who does not exist.
    assert out["ann"] == [200, 200, 200, 200, 200, 400]
    assert out["ben"] == out["nobody"] == [404] * 6
    assert out["page"] == 200
    tables = sqlite3.connect(tmp_path / "chirp.sqlite").execute("SELECT name FROM sqlite_master").fetchall()
    assert ("posts",) in tables and ("fedigraft_follows",) in tables


def test_the_glue_is_short_and_shown() -> None:
    glue = (FOLDER / "federate.py").read_text().splitlines()
    assert len(glue) <= 80
    shown = re.search(r"```diff\n(.*?)```", (FOLDER / "README.md").read_text(), re.S)
    assert shown and shown[1].splitlines()[3:] == ["+" + line for line in glue]
