"""The packages of `make dist`, each installed in an empty place and used there, without a Rust toolchain.

The environment is emptied but for a path without cargo; no registry is asked.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
import venv
from collections.abc import Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DIST = ROOT / "dist"
VERSION = next(
    line.split('"')[1]
    for line in (ROOT / "Cargo.toml").read_text().splitlines()
    if line.startswith("version")
)
MODULE = "github.com/fedigraft/fedigraft/bindings/go"


def run(command: Sequence[str | Path], folder: Path, **environment: str) -> str:
    """What the command prints. It must succeed."""
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"} | environment
    done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def package(pattern: str) -> Path:
    """The one file of the distribution with this name."""
    (found,) = DIST.glob(pattern)
    return found


def test_the_wheel(tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv/bin/python"
    wheel = package(f"fedigraft-{VERSION}-py3-none-manylinux_*.whl")
    run([python, "-m", "pip", "install", "--no-index", "--no-deps", wheel], tmp_path)
    assert "smoke: ok" in run([python, HERE / "smoke.py", tmp_path / "store.sqlite"], tmp_path)


def test_the_gem(tmp_path: Path) -> None:
    gem = package(f"fedigraft-{VERSION}-x86_64-linux*.gem")
    home = tmp_path / "gems"
    run(["gem", "install", "--local", "--ignore-dependencies", "--no-document", "-i", home, gem], tmp_path)
    system = run(["ruby", "-e", "puts Gem.default_path.join(':')"], tmp_path).strip()
    program: list[str | Path] = ["ruby", HERE / "smoke.rb", tmp_path / "store.sqlite"]
    assert "smoke: ok" in run(program, tmp_path, GEM_PATH=f"{home}:{system}")


def test_the_go_module(tmp_path: Path) -> None:
    go = ROOT / "build/go/bin/go"
    environment = {
        "GOPROXY": f"file://{DIST / 'goproxy'}",
        "GONOSUMDB": "*",
        "GOFLAGS": "-modcacherw",
        "GOTOOLCHAIN": "local",
        "GOMODCACHE": str(tmp_path / "modules"),
        "GOCACHE": os.environ.get("GOCACHE") or str(Path.home() / ".cache/go-build"),
    }
    (tmp_path / "main.go").write_text((HERE / "smoke.go").read_text())
    run([go, "mod", "init", "smoke.example"], tmp_path, **environment)
    run([go, "get", f"{MODULE}@v{VERSION}"], tmp_path, **environment)
    assert "smoke: ok" in run([go, "run", "."], tmp_path, **environment)
    # Vendoring keeps the archive and the header.
    run([go, "mod", "vendor"], tmp_path, **environment)
    assert "smoke: ok" in run([go, "run", "-mod=vendor", "."], tmp_path, **environment)


@pytest.mark.parametrize("how", ["shared", "static"])
def test_the_c_library(tmp_path: Path, how: str) -> None:
    with tarfile.open(package(f"fedigraft-{VERSION}-x86_64-linux.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    prefix = tmp_path / f"fedigraft-{VERSION}-x86_64-linux"
    environment = {"PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig"), "LD_LIBRARY_PATH": str(prefix / "lib")}
    options = ["pkg-config", "--define-prefix", "--cflags", "--libs", "fedigraft"]
    flags = run(options, tmp_path, **environment).split()
    if how == "static":
        archive_path = str(prefix / "lib/libfedigraft.a")
        libs = run([*options, "--static"], tmp_path, **environment).split()
        flags = [archive_path if flag == "-lfedigraft" else flag for flag in libs]
        del environment["LD_LIBRARY_PATH"]
    source = ROOT / "tests/c/sign.c"
    run(["cc", "-std=c99", "-o", tmp_path / "sign", source, *flags], tmp_path, **environment)
    run([tmp_path / "sign"], tmp_path, **environment)
