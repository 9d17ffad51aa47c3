"""The wheel and the source archive, as the build hook makes them."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

from fedigraft._lib import library

import generate

PACKAGE = generate.BINDINGS / "python"


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


def test_the_wheel_has_the_library_and_fits_every_python(tmp_path):
    built = build("wheel", tmp_path, FEDIGRAFT_PREBUILT=library._name)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    assert wheel.name.endswith(f"-py3-none-{platform}.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        text = archive.read(metadata).decode()
    assert {"fedigraft/py.typed", "fedigraft/schema.sql", "fedigraft/libfedigraft.so"} <= names
    assert any(name.endswith("LICENSE-MIT") for name in names)
    required = [line for line in text.splitlines() if line.startswith("Requires-Dist:")]
    assert all("extra ==" in line for line in required)


def test_a_source_archive_says_what_it_cannot_do(tmp_path):
    built = build("sdist", tmp_path)
    assert built.returncode == 0, built.stderr
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    built = build("wheel", tmp_path, tmp_path / archive.name.removesuffix(".tar.gz"))
    assert built.returncode != 0
    assert "the Rust sources are not beside this package" in built.stdout + built.stderr
