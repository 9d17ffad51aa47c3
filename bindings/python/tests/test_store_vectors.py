"""The store vectors of all languages (``tests/vectors/store``), on SQLite and on PostgreSQL."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from fedigraft import commit, store
from fedigraft.database import Database
from fedigraft.steps import Done, Wanted

from vectors import FOLDER, Fault, check, compare, members

FILES = sorted((FOLDER / "store").glob("*.json"))
CASES = {case["name"]: case for path in FILES for case in json.loads(path.read_text())["cases"]}


class Runner:
    """Does the items of one case, in order."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def run(self, case: Any) -> None:
        members(case, ("name", "do"), ("note",))
        for item in case["do"]:
            kinds = [kind for kind in ("commit", "load", "list", "sql") if kind in item]
            check(len(kinds) == 1, "expected one of `commit`, `load`, `list` and `sql`")
            getattr(self, kinds[0])(item)

    def commit(self, item: Any) -> None:
        members(item, ("commit", "now"), ("repeated",))
        given = members(item["commit"], (), ("store", "once", "jobs", "deliveries"))
        lists = {name: tuple(given.get(name, ())) for name in ("store", "once", "jobs", "deliveries")}
        done = Done(
            number=1, response=None, events=(), **lists, result=None, verdict=None, document=dict(given)
        )
        with self.database.transaction() as session:
            new = commit.apply(session, done, {}, item["now"])
        check(new is not item.get("repeated", False), f"repeated: {not new}")

    def load(self, item: Any) -> None:
        members(item, ("load", "now", "values"))
        with self.database.session() as session:
            found = [self._one(session, wanted, item["now"]) for wanted in item["load"]]
        compare(found, item["values"])

    def _one(self, session: Any, wanted: Any, now: int) -> Any:
        given = members(wanted, ("name", "key"), ("cursor",))
        value = store.load(session, Wanted(given["name"], given["key"], given.get("cursor")), now)
        return None if value is None else {"value": value}

    def list(self, item: Any) -> None:
        members(item, ("list", "now", "items"), ("total",))
        items: Any = []
        cursor = None
        while True:
            with self.database.session() as session:
                page = self._one(session, {**item["list"], "cursor": cursor}, item["now"])["value"]
            if cursor is None and "total" in item:
                compare(page.get("total"), item["total"], "total")
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        compare(items, item["items"])

    def sql(self, item: Any) -> None:
        members(item, ("sql", "rows"))
        with self.database.session() as session:
            compare([list(row) for row in session.rows(item["sql"])], item["rows"])


@pytest.fixture
def runner(database: Database) -> Runner:
    return Runner(database)


@pytest.mark.parametrize("name", CASES)
def test_every_case_comes_out_as_written(runner: Runner, name: str) -> None:
    runner.run(CASES[name])


def test_no_case_is_missing_or_there_twice() -> None:
    assert sum(len(json.loads(path.read_text())["cases"]) for path in FILES) == len(CASES) >= 20


def test_a_wrong_expectation_and_an_unknown_member_are_seen(runner: Runner) -> None:
    wrong = copy.deepcopy(CASES["store-follows"])
    wrong["do"][-1]["values"] = [{"value": 1}]
    with pytest.raises(Fault):
        runner.run(wrong)
    with pytest.raises(Fault, match="unknown"):
        runner.run({"name": "x", "do": [{"sql": "SELECT 1", "rows": [[1]], "row": []}]})
    with pytest.raises(Fault, match="total"):
        runner.run({"name": "x", "do": [{**wrong["do"][2], "total": 7}]})
