"""What `make install` puts into a fresh prefix: a C developer links it by pkg-config and nothing else.

The programs run with an empty environment; only the shared one is told where the library is, as the prefix is
not in the system's library path.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
C99 = ["cc", "-std=c99"]
CPP17 = ["g++", "-x", "c++", "-std=c++17"]
STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic"]
PROGRAM = Path(__file__).with_name("sign.c")
TOOLS = {"PATH": "/usr/bin:/bin"}


def stated(pattern: str, path: str) -> str:
    """What a file of the project says in one line."""
    found = re.search(pattern, (ROOT / path).read_text(), re.M)
    assert found is not None
    return found[1]


VERSION = stated(r'^version = "(.*)"', "Cargo.toml")
SONAME = "libfedigraft.so." + stated(r"^#define FEDIGRAFT_ABI_VERSION (\d+)", "include/fedigraft.h")
FILES = {
    "include/fedigraft.h",
    "lib/libfedigraft.a",
    "lib/libfedigraft.so",
    f"lib/{SONAME}",
    f"lib/libfedigraft.so.{VERSION}",
    "lib/pkgconfig/fedigraft.pc",
}


def run(*command: str | Path, **environment: str) -> str:
    """What a program prints; it must succeed. Nothing of this process's environment but PATH is passed on."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def make(target: str, *settings: str) -> None:
    """Runs make as a person does."""
    done = subprocess.run(
        ["make", "--no-print-directory", target, *settings], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def files(folder: Path) -> set[str]:
    """Everything below a folder that is not a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh prefix with everything installed."""
    prefix = tmp_path_factory.mktemp("prefix")
    make("install", f"PREFIX={prefix}", "DESTDIR=")
    return prefix


def flags(prefix: Path, *which: str) -> list[str]:
    """What pkg-config says, with nothing but this prefix to look in."""
    environment = {**TOOLS, "PKG_CONFIG_LIBDIR": str(prefix / "lib/pkgconfig")}
    return run("pkg-config", *which, "fedigraft", **environment).split()


def compile_c(out: Path, arguments: list[str], compiler: list[str] = C99) -> Path:
    """Compiles an example program, strictly."""
    run(*compiler, *STRICT, PROGRAM, "-o", out, "-x", "none", *arguments, **TOOLS)
    return out


def test_it_installs_what_it_says(prefix: Path) -> None:
    assert files(prefix) == FILES


def test_the_shared_library_has_its_soname(prefix: Path) -> None:
    said = run("readelf", "--dynamic", "--wide", prefix / "lib/libfedigraft.so", **TOOLS)
    assert f"Library soname: [{SONAME}]" in said
    assert "RUNPATH" not in said
    assert "RPATH" not in said
    assert "NODELETE" in said


@pytest.mark.parametrize("language", [C99, CPP17], ids=["c99", "c++17"])
def test_a_program_links_the_shared_library(prefix: Path, tmp_path: Path, language: list[str]) -> None:
    out = tmp_path / "shared"
    compile_c(out, flags(prefix, "--cflags", "--libs"), language)
    needs = run("readelf", "--dynamic", "--wide", out, **TOOLS)
    assert f"Shared library: [{SONAME}]" in needs
    assert "Signature" in run(out, LD_LIBRARY_PATH=str(prefix / "lib"))


def test_a_program_links_everything_statically(prefix: Path, tmp_path: Path) -> None:
    said = flags(prefix, "--static", "--cflags", "--libs")
    program = compile_c(tmp_path / "static", ["-static", *said])
    assert "There is no dynamic section" in run("readelf", "--dynamic", program, **TOOLS)
    assert "Signature" in run(program)


def test_a_program_links_only_this_library_statically(prefix: Path, tmp_path: Path) -> None:
    """As bindings/c/README.md shows it: the archive by its name, the C library as ever."""
    said = [
        "-l:libfedigraft.a" if flag == "-lfedigraft" else flag
        for flag in flags(prefix, "--static", "--cflags", "--libs")
    ]
    program = compile_c(tmp_path / "archive", said)
    needs = run("readelf", "--dynamic", "--wide", program, **TOOLS)
    assert "libfedigraft" not in needs
    assert "libc.so.6" in needs
    assert "Signature" in run(program)


def test_pkg_config_names_what_a_static_library_needs(prefix: Path) -> None:
    """rustc knows; -lgcc_s and -lc come from the compiler, in the form that fits the program."""
    source = prefix.parent / "empty.rs"
    source.write_text("")
    ask = ["rustc", "--crate-type", "staticlib", "--print", "native-static-libs", str(source)]
    out = ["-o", str(source.with_suffix(".a"))]
    said = subprocess.run([*ask, *out], capture_output=True, text=True, check=True).stderr
    found = re.search(r"native-static-libs: (.*)", said)
    assert found is not None
    needed = [lib for lib in found[1].split() if lib not in ("-lgcc_s", "-lc")]
    private = flags(prefix, "--static", "--libs-only-l")
    assert private == ["-lfedigraft", *needed]


def test_the_version_is_the_crates(prefix: Path) -> None:
    assert flags(prefix, "--modversion") == [VERSION]


def test_a_package_is_staged_and_knows_its_final_place(tmp_path: Path) -> None:
    """DESTDIR is where the files go, PREFIX and LIBDIR where they will be."""
    where = [f"DESTDIR={tmp_path}", "PREFIX=/usr", "LIBDIR=/usr/lib/x86_64-linux-gnu"]
    make("install", *where)
    staged = tmp_path / "usr/lib/x86_64-linux-gnu"
    environment = {**TOOLS, "PKG_CONFIG_LIBDIR": str(staged / "pkgconfig")}
    ask = ["pkg-config", "--variable=libdir", "fedigraft"]
    assert run(*ask, **environment) == "/usr/lib/x86_64-linux-gnu\n"
    # A tree that was moved: an unpacked archive.
    assert run(*ask, "--define-variable=prefix=/opt", **environment) == "/opt/lib/x86_64-linux-gnu\n"
    assert (staged / "libfedigraft.so").resolve() == staged / f"libfedigraft.so.{VERSION}"
    (staged / "libother.so").write_text("of somebody else")
    make("uninstall", *where)
    assert files(tmp_path) == {"usr/lib/x86_64-linux-gnu/libother.so"}
