"""The declarations are those of the header; what does not fit is refused when the package is loaded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fedigraft import _abi, library_version
from fedigraft._lib import _CLASSES, library
from fedigraft.errors import Error

import generate


def test_the_generated_files_of_all_bindings_are_up_to_date():
    assert [path.name for path, text in generate.files().items() if path.read_text() != text] == []


def test_a_changed_header_gives_other_declarations(tmp_path):
    changed = tmp_path / "fedigraft.h"
    changed.write_text(generate.HEADER.read_text().replace("int64_t now", "int32_t now"))
    for write in generate.python_declarations, generate.ruby_declarations:
        assert write(generate.Header()) != write(generate.Header(changed))


def test_the_library_has_every_function_of_the_header():
    names = set(re.findall(r"library\.(fedigraft_\w+)\.restype", (generate.PYTHON / "_abi.py").read_text()))
    assert len(names) > 15
    for name in names:
        assert getattr(library, name)


def test_every_status_has_its_exception():
    numbers = {number for number in generate.Header().statuses.values() if number}
    assert numbers == set(_CLASSES)
    for number, kind in _CLASSES.items():
        assert kind.code == library.fedigraft_status_name(number).decode()
        assert issubclass(kind, Error)


def test_the_versions_agree():
    assert library_version() == _abi.VERSION


def _import(**environment: str) -> str:
    code = "import sys; sys.path[:0] = sys.argv[1:]\nimport fedigraft"
    source = str(generate.PYTHON.parent)
    ran = subprocess.run(
        [sys.executable, "-c", code, source],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    return ran.stderr


def test_a_missing_library_says_what_to_do(tmp_path):
    assert "FEDIGRAFT_LIBRARY (library_missing)" in _import(FEDIGRAFT_LIBRARY=str(tmp_path / "none.so"))


def test_something_else_is_not_taken_for_the_library(tmp_path):
    garbage = tmp_path / "garbage.so"
    garbage.write_bytes(b"not a library")
    assert "(library_unusable)" in _import(FEDIGRAFT_LIBRARY=str(garbage))


def test_another_abi_version_is_refused(tmp_path):
    source = tmp_path / "other.c"
    source.write_text(f"unsigned fedigraft_abi_version(void) {{ return {_abi.ABI_VERSION + 1}; }}\n")
    other = tmp_path / "other.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", other, source], check=True)
    assert "(abi_mismatch)" in _import(FEDIGRAFT_LIBRARY=str(other))


@pytest.mark.parametrize("file", sorted(generate.PYTHON.glob("*.py")), ids=str)
def test_every_file_says_what_it_owns(file: Path):
    assert file.read_text().startswith('"""')
