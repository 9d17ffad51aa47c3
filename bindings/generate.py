"""Writes what the bindings hold in common: declarations from the C header, versions, the store's schema.

    python bindings/generate.py            # writes; `make generate`
    python bindings/generate.py --check    # writes nothing; names the files that differ and ends with 1

One source each: the functions come from include/fedigraft.h, the version from Cargo.toml (by way of the
header), the tables from bindings/schema.sql, chirp's tables and looks from its Python. Needs ``cc`` and
pycparser.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pycparser import c_ast, c_parser  # type: ignore[import-untyped]

BINDINGS = Path(__file__).resolve().parent
HEADER = BINDINGS.parent / "include" / "fedigraft.h"
SCHEMA = BINDINGS / "schema.sql"
PYTHON = BINDINGS / "python" / "src" / "fedigraft"
RUBY = BINDINGS / "ruby" / "lib" / "fedigraft"
GO = BINDINGS / "go"
NOTE = "Generated from include/fedigraft.h by bindings/generate.py: do not edit."

#: Functions so quick that a binding keeps its interpreter's lock: giving it away would take longer.
QUICK = re.compile(r"fedigraft_(\w*version|status_name|error_\w+|\w+_free|instance_uri|route)")


# --- The header ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """A C type: the name at its core, whether that is const, and how many pointers lead to it."""

    name: str
    constant: bool = False
    depth: int = 0


@dataclass(frozen=True)
class Function:
    """A function of the header."""

    name: str
    result: Kind
    parameters: tuple[tuple[str, Kind], ...]


class Header:
    """What the header declares, in its own order."""

    def __init__(self, path: Path = HEADER) -> None:
        macros = _cc("-E", "-dM", str(path))
        found = re.findall(r"^#define FEDIGRAFT_(\w+) (-?\d+|\"[^\"]*\")$", macros, re.M)
        self.text = path.read_text()
        self.macros: dict[str, str] = dict(found)
        self.statuses: dict[str, int] = {}
        self.structs: dict[str, list[tuple[str, Kind]]] = {}
        self.functions: list[Function] = []
        self._aliases: dict[str, str] = {}
        for node in c_parser.CParser().parse(_cc("-E", "-P", str(path))).ext:
            kind = getattr(node, "type", None)
            name = getattr(node, "name", None) or getattr(kind, "name", None) or ""
            if name.startswith("fedigraft_"):
                self._read(node, kind)

    @property
    def version(self) -> str:
        """The version of the release, without quotes."""
        return self.macros["VERSION"].strip('"')

    def _read(self, node: c_ast.Node, kind: c_ast.Node | None) -> None:
        if isinstance(node, c_ast.Decl) and isinstance(kind, c_ast.FuncDecl):
            found = [] if kind.args is None else kind.args.params
            parameters = tuple((p.name, self._kind(p.type)) for p in found if p.name)
            self.functions.append(Function(node.name, self._kind(kind.type), parameters))
        if isinstance(kind, c_ast.Enum) and kind.values:
            for item in kind.values.enumerators:
                self.statuses[item.name.removeprefix("FEDIGRAFT_")] = int(item.value.value, 0)
        if isinstance(node, c_ast.Typedef) and isinstance(kind, c_ast.TypeDecl):
            if isinstance(kind.type, c_ast.Struct) and kind.type.decls:
                self.structs[node.name] = [(d.name, self._kind(d.type)) for d in kind.type.decls]
            if isinstance(kind.type, c_ast.IdentifierType):
                self._aliases[node.name] = kind.type.names[0]

    def _kind(self, node: c_ast.Node, depth: int = 0) -> Kind:
        if isinstance(node, c_ast.PtrDecl):
            return self._kind(node.type, depth + 1)
        name = node.type.name if isinstance(node.type, c_ast.Struct | c_ast.Enum) else node.type.names[-1]
        return Kind(self._aliases.get(name, name), "const" in node.quals, depth)


def _cc(*arguments: str) -> str:
    # pycparser reads the language without its extensions.
    command = ["cc", "-std=c99", "-D__attribute__(x)=", "-D__extension__=", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _scalar(kind: Kind) -> str:
    """A plain type as foreign function interfaces name it: ``int64``, but ``size_t``."""
    return kind.name if kind.name == "size_t" else kind.name.removesuffix("_t")


def _class(name: str) -> str:
    return "".join(part.capitalize() for part in name.removeprefix("fedigraft_").split("_"))


# --- Python --------------------------------------------------------------------------------------------


def python_declarations(header: Header) -> str:
    """``_abi.py``: the declarations for ctypes."""

    def typed(kind: Kind) -> str:
        if kind.depth == 0:
            return "None" if kind.name == "void" else "c_" + _scalar(kind)
        if kind.depth == 1 and (kind.name == "char" or kind == Kind("uint8_t", True, 1)):
            return "c_char_p"
        if kind.depth == 1 and kind.name in header.structs:
            return f"POINTER({_class(kind.name)})"
        # Handles are opaque: a plain address, kept apart by the Python classes that hold it.
        return "c_void_p" if kind.depth == 1 else "POINTER(c_void_p)"

    numbers = dict(sorted(header.macros.items())) | header.statuses
    body = [f"{name} = {value}" for name, value in numbers.items()]
    for name, fields in header.structs.items():
        body += ["", "", f"class {_class(name)}(Structure):", f'    """``{name}``."""', ""]
        body.append("    _fields_ = (")
        body += [f'        ("{field}", {typed(kind)}),' for field, kind in fields]
        body.append("    )")
    body += ["", "", "def declare(library: CDLL) -> None:"]
    body.append('    """Gives every function of the library its types."""')
    for function in header.functions:
        body.append(f"    library.{function.name}.restype = {typed(function.result)}")
        lines = [f"        {typed(kind)},  # {name}" for name, kind in function.parameters]
        body += [f"    library.{function.name}.argtypes = (", *lines, "    )"]
    text = "\n".join(body)
    used = {"CDLL", "Structure", *re.findall(r"\b(c_\w+|POINTER)\b", text)}
    order = sorted(used, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    imports = "\n".join(f"    {name}," for name in order)
    return f'"""The C ABI as ctypes sees it.\n\n{NOTE}\n"""\n\nfrom ctypes import (\n{imports}\n)\n\n{text}\n'


def python_version(header: Header) -> str:
    """``_version.py``."""
    about = "The version of this package; the native library of the same release is inside."
    return f'"""{about}\n\n{NOTE}\n"""\n\n__version__ = "{header.version}"\n'


# --- Ruby ----------------------------------------------------------------------------------------------


def ruby_declarations(header: Header) -> str:
    """``native/functions.rb``: the declarations for the ffi gem."""

    def typed(kind: Kind) -> str:
        if kind.depth == 0:
            return ":" + _scalar(kind)
        if kind.name == "char":
            return ":string"
        return ":buffer_in" if kind == Kind("uint8_t", True, 1) else ":pointer"

    def lines() -> Iterator[str]:
        yield f"# frozen_string_literal: true\n\n# The C ABI as the ffi gem sees it.\n# {NOTE}"
        yield "module Fedigraft\n  module Native"
        for name in "ABI_VERSION", "MAX_INPUT":
            yield f"    {name} = {int(header.macros[name]):_}"
        yield "\n    # Every status but success, by its number.\n    STATUSES = {"
        yield ",\n".join(
            f"      {number} => :{name.lower()}" for name, number in header.statuses.items() if number
        )
        yield "    }.freeze"
        for name, fields in header.structs.items():
            layout = ", ".join(f":{field}, {typed(kind)}" for field, kind in fields)
            yield f"\n    # +{name}+.\n    class {_class(name)} < FFI::Struct\n      layout {layout}\n    end"
        yield "\n    # Name, parameters, result, and whether the call gives the interpreter's lock away."
        yield "    FUNCTIONS = ["
        rows = []
        for function in header.functions:
            parameters = ", ".join(typed(kind) for _, kind in function.parameters)
            blocking = str(not QUICK.fullmatch(function.name)).lower()
            rows.append(f"      [:{function.name}, [{parameters}], {typed(function.result)}, {blocking}]")
        yield ",\n".join(rows)
        yield "    ].freeze\n  end\nend\n"

    return "\n".join(lines())


def ruby_version(header: Header) -> str:
    """``version.rb``."""
    return (
        f"# frozen_string_literal: true\n\n# {NOTE}\nmodule Fedigraft\n"
        f"  # The version of this gem; the native library of the same release is inside.\n"
        f'  VERSION = "{header.version}"\nend\n'
    )


# --- Go ------------------------------------------------------------------------------------------------


def go_version(header: Header) -> str:
    """``version.go``; cgo reads the declarations from the header itself."""
    about = "// Version is the version of this module; the native library of the same release is beside it."
    note = "// Code generated by bindings/generate.py from include/fedigraft.h; DO NOT EDIT."
    return f'{note}\n\npackage fedigraft\n\n{about}\nconst Version = "{header.version}"\n'


# --- All of them ---------------------------------------------------------------------------------------


def chirp_copies() -> dict[Path, str]:
    """What chirp's Ruby and Go share with its Python: the tables and the looks."""
    python = PYTHON.parent.parent / "examples" / "chirp" / "chirp"
    ruby, go = BINDINGS / "ruby" / "examples" / "chirp", GO / "examples" / "chirp" / "internal"
    places = {
        python / "schema.sql": (ruby / "lib" / "chirp", go / "database"),
        python / "static" / "chirp.css": (ruby / "public" / "static", go / "web" / "static"),
        python / "static" / "bird.svg": (ruby / "public" / "static", go / "web" / "static"),
    }
    return {
        folder / source.name: source.read_text() for source, folders in places.items() for folder in folders
    }


def files() -> dict[Path, str]:
    """Every generated file and what it holds."""
    header, schema = Header(), SCHEMA.read_text()
    return chirp_copies() | {
        PYTHON / "_abi.py": python_declarations(header),
        PYTHON / "_version.py": python_version(header),
        PYTHON / "schema.sql": schema,
        RUBY / "native" / "functions.rb": ruby_declarations(header),
        RUBY / "version.rb": ruby_version(header),
        RUBY / "schema.sql": schema,
        GO / "include" / "fedigraft.h": header.text,
        GO / "version.go": go_version(header),
        GO / "schema.sql": schema,
    }


def main() -> int:
    """Writes the files, or checks them."""
    wrong = [(path, text) for path, text in files().items() if not path.is_file() or path.read_text() != text]
    for path, text in wrong:
        name = path.relative_to(BINDINGS.parent)
        if "--check" in sys.argv:
            print(f"{name} is not what `make generate` writes")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"wrote {name}")
    return int(bool(wrong) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
