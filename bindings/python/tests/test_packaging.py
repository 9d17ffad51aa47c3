"""The wheel and the source archive, as the build hook makes them; the wheel in an environment of its own."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from fedigraft._lib import library

import generate

PACKAGE = generate.BINDINGS / "python"
linux = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the tag is about glibc")


def build(
    target: str, where: Path, source: Path = PACKAGE, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(where)],
        cwd=source,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def make_wheel(where: Path, **environment: str) -> Path:
    built = build("wheel", where, FEDIGRAFT_PREBUILT=library._name, **environment)
    assert built.returncode == 0, built.stderr
    (wheel,) = where.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FEDIGRAFT_TEST_WHEEL names one that is ready, such as that of ``make dist``."""
    given = os.environ.get("FEDIGRAFT_TEST_WHEEL")
    return Path(given).resolve(strict=True) if given else make_wheel(tmp_path_factory.mktemp("wheel"))


def glibc() -> int:
    """The newest glibc symbol the library asks for, as its ELF header says: 34 for GLIBC_2.34."""
    told = subprocess.run(["readelf", "-V", library._name], capture_output=True, text=True, check=True).stdout
    return max(int(minor) for minor in re.findall(r"Name: GLIBC_2\.(\d+)", told))


def test_the_wheel_has_the_library_and_needs_nothing(wheel):
    assert re.fullmatch(r"fedigraft-[0-9.]+-py3-none-\w+\.whl", wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        text = archive.read(metadata).decode()
    assert {"fedigraft/py.typed", "fedigraft/schema.sql", "fedigraft/libfedigraft.so"} <= names
    assert any(name.endswith("LICENSE-MIT") for name in names)
    required = [line for line in text.splitlines() if line.startswith("Requires-Dist:")]
    assert all("extra ==" in line for line in required)


@linux
@pytest.mark.skipif(shutil.which("readelf") is None, reason="readelf is not installed")
def test_the_tag_says_which_glibc_the_library_needs(tmp_path):
    machine = sysconfig.get_platform().partition("-")[2]
    assert make_wheel(tmp_path).name.endswith(f"-py3-none-manylinux_2_{glibc()}_{machine}.whl")
    other = make_wheel(tmp_path / "other", FEDIGRAFT_WHEEL_PLATFORM="macosx-11.0-arm64")
    assert other.name.endswith("-py3-none-macosx_11_0_arm64.whl")


@linux
def test_auditwheel_agrees_with_the_tag(wheel):
    pytest.importorskip("auditwheel")
    audited = subprocess.run(
        [sys.executable, "-m", "auditwheel", "show", str(wheel)], capture_output=True, text=True, check=True
    ).stdout
    consistent = re.search(r'platform tag:\s+"(manylinux_2_(\d+)_\w+)"', audited)
    assert consistent, audited
    tagged = re.search(r"manylinux_2_(\d+)_", wheel.name)
    assert tagged
    assert int(consistent[2]) <= int(tagged[1]), audited


SMOKE = """
import fedigraft, sqlite3, sys
from fedigraft import Content, Federation, Key, Post, Posts, Profile, Request

assert fedigraft.__file__.startswith(sys.prefix), fedigraft.__file__
assert fedigraft.__version__ == fedigraft.library_version()

key = Key.generate()
headers = fedigraft.sign(key, "https://b.example/k", "POST", "https://a.example/ap/inbox", body=b"{}")
with fedigraft.Instance("https://a.example") as instance:
    request = Request("POST", "/ap/inbox", headers, b"{}")
    assert fedigraft.verify(instance, request, key.public())
    assert not fedigraft.verify(instance, Request("POST", "/ap/inbox", headers, b"[]"), key.public())

fed = Federation("https://a.example", database="smoke.db")
fed.profile(lambda db, key: Profile(id="1", username="ann", federated=True))
fed.post(lambda db, key: None)
fed.posts(lambda db, author, cursor: Posts(()))
answer = fed.inbound.answer(Request("GET", "/ap/users/1", (("Accept", "application/activity+json"),)))
assert answer.status == 200, answer
assert b"BEGIN PUBLIC KEY" in answer.body
assert sqlite3.connect("smoke.db").execute("SELECT COUNT(*) FROM fedigraft_keys").fetchone()[0] >= 1
print("ok")
"""


def test_the_wheel_works_in_an_empty_environment_without_rust(wheel, tmp_path):
    """No compiler in the path, no package index, no FEDIGRAFT_LIBRARY: the wheel is all there is."""
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    bare = {"PATH": str(python.parent), "HOME": str(tmp_path)}
    assert shutil.which("cargo", path=bare["PATH"]) is None
    for command in (
        [python, "-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check", wheel],
        [python, "-I", "-c", SMOKE],
        [tmp_path / "venv" / "bin" / "fedigraft", "--version"],
    ):
        done = subprocess.run(
            command, cwd=tmp_path, env=bare, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("fedigraft ")


def test_a_source_archive_says_what_it_cannot_do(tmp_path):
    built = build("sdist", tmp_path)
    assert built.returncode == 0, built.stderr
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    built = build("wheel", tmp_path, tmp_path / archive.name.removesuffix(".tar.gz"))
    assert built.returncode != 0
    assert "the Rust sources are not beside this package" in built.stdout + built.stderr
