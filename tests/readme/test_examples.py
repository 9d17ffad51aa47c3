"""The README's examples in Ruby, Go and C do what it says; the Python one is run by the Python tests."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent


def example(language: str) -> str:
    """The first block of code in this language."""
    found = re.search(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert found, f"README.md shows no {language}"
    return found[1]


def run(command: list[str | Path], folder: Path, **environment: str) -> str:
    """What a program prints, which must end well."""
    done = subprocess.run(command, cwd=folder, env=os.environ | environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_ruby(tmp_path: Path) -> None:
    (tmp_path / "example.rb").write_text(example("ruby"))
    ruby = ["ruby", "-I", ROOT / "bindings/ruby/lib", HERE / "ruby_example.rb", "example.rb"]
    assert run(ruby, tmp_path) == "ok\n"


def test_go(tmp_path: Path) -> None:
    module = "github.com/fedigraft/fedigraft/bindings/go"
    sqlite = "github.com/mattn/go-sqlite3"
    (tmp_path / "example.go").write_text(example("go"))
    (tmp_path / "example_test.go").write_text((HERE / "go_example_test.go").read_text())
    (tmp_path / "go.mod").write_text(
        f"module readme.example\n\ngo 1.24\n\nrequire (\n\t{module} v0.0.0\n\t{sqlite} v1.14.16\n)\n\n"
        f"replace {module} => {ROOT}/bindings/go\n\nreplace {sqlite} => /usr/share/gocode/src/{sqlite}\n"
    )
    go, gofmt = ROOT / "build/go/bin/go", ROOT / "build/go/bin/gofmt"
    assert run([gofmt, "-l", "example.go"], tmp_path) == ""
    offline = {"GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "-mod=mod"}
    run([go, "vet", "."], tmp_path, **offline)
    assert "ok" in run([go, "test", "."], tmp_path, **offline)


def test_c(tmp_path: Path) -> None:
    """It signs."""
    (tmp_path / "example.c").write_text((HERE / "c_example.c").read_text())
    (tmp_path / "example.h").write_text(example("c"))
    library = ROOT / "build/lib"
    cc = [
        "cc",
        "-std=c99",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-I",
        ROOT / "include",
        "example.c",
        "-o",
        "example",
    ]
    run([*cc, "-L", library, "-lfedigraft", f"-Wl,-rpath,{library}"], tmp_path)
    headers = json.loads(run(["./example", ROOT / "tests/vectors/pem/ann.pem"], tmp_path))
    assert [name for name, _ in headers] == ["Date", "Digest", "Signature"]
