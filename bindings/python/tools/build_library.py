"""Builds the native library with cargo and puts it into the wheel (a hatchling build hook).

The wheel is ``py3-none-<platform>``: one for every CPython and PyPy, since nothing in it links to Python.
On Linux the tag says which glibc the library needs (PEP 600). ``FEDIGRAFT_WHEEL_PLATFORM`` names another
platform tag, ``FEDIGRAFT_PREBUILT`` a library that is ready.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAMES = {"darwin": "libfedigraft.dylib", "win32": "fedigraft.dll"}


class CustomBuildHook(BuildHookInterface[Any]):
    """Called by hatchling before it packs the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        package = Path(self.root)
        library = _library(package.parent.parent)
        name = NAMES.get(sys.platform, "libfedigraft.so")
        if version == "editable":
            shutil.copy2(library, package / "src" / "fedigraft" / name)
        platform = os.environ.get("FEDIGRAFT_WHEEL_PLATFORM") or _platform(library)
        build_data["tag"] = f"py3-none-{platform.replace('-', '_').replace('.', '_')}"
        build_data["pure_python"] = False
        build_data["force_include"][str(library)] = f"fedigraft/{name}"


def _platform(library: Path) -> str:
    """The platform tag: ``manylinux_2_N`` for the newest glibc symbol the library asks for."""
    platform = sysconfig.get_platform()
    system, _, machine = platform.partition("-")
    versions = re.findall(rb"\0GLIBC_2\.(\d+)", library.read_bytes()) if system == "linux" else []
    return f"manylinux_2_{max(map(int, versions))}_{machine}" if versions else platform


def _library(crate: Path) -> Path:
    """The library: the one that is named, or cargo's."""
    ready = os.environ.get("FEDIGRAFT_PREBUILT")
    if ready:
        return Path(ready).resolve(strict=True)
    if not (crate / "Cargo.toml").is_file():
        sys.exit(
            "fedigraft: the Rust sources are not beside this package. A source archive has only the Python "
            "part: install a wheel, or run `pip install ./bindings/python` in a checkout of the repository."
        )
    if shutil.which("cargo") is None:
        sys.exit("fedigraft: cargo is not on the PATH; install Rust 1.85 or later (https://rustup.rs).")
    command = [
        "cargo",
        "rustc",
        "--release",
        "--locked",
        "--lib",
        "--crate-type",
        "cdylib",
        "--features",
        "capi",
    ]
    if "CARGO_TARGET_DIR" not in os.environ:
        command += ["--target-dir", "target/capi"]  # as `make lib`, so that one build serves both
    built = subprocess.run(
        [*command, "--message-format", "json-render-diagnostics"],
        cwd=crate,
        stdout=subprocess.PIPE,
        check=False,
    )
    if built.returncode:
        sys.exit("fedigraft: cargo could not build the library; its messages are above.")
    for line in built.stdout.splitlines():
        message = json.loads(line)
        if message.get("reason") == "compiler-artifact" and message["target"]["name"] == "fedigraft":
            for file in message["filenames"]:
                if file.endswith((".so", ".dylib", ".dll")):
                    return Path(file)
    sys.exit("fedigraft: cargo built no shared library.")
