"""Writes src/fedigraft/_abi.py from include/fedigraft.h.

Run it after the header changed: ``python tools/generate_abi.py``. With ``--check`` nothing is written and
the exit status tells whether the committed file is the one the header gives. Needs ``cc`` and pycparser.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from pycparser import c_ast, c_parser

PACKAGE = Path(__file__).resolve().parent.parent
HEADER = PACKAGE.parent.parent / "include" / "fedigraft.h"
TARGET = PACKAGE / "src" / "fedigraft" / "_abi.py"

SCALARS = {
    "int": "c_int",
    "int32_t": "c_int32",
    "int64_t": "c_int64",
    "size_t": "c_size_t",
    "uint16_t": "c_uint16",
    "uint32_t": "c_uint32",
    "uint8_t": "c_uint8",
}


class Header:
    """What the header declares, read from its preprocessed text."""

    def __init__(self, path: Path) -> None:
        text = _cc("-E", "-P", str(path))
        macros = _cc("-E", "-dM", str(path))
        self.macros = dict(re.findall(r"^#define (FEDIGRAFT_\w+) (-?\d+|\"[^\"]*\")$", macros, re.M))
        self.constants: dict[str, str] = {}
        self.structs: dict[str, list[tuple[str, str]]] = {}
        self.functions: dict[str, tuple[str, list[tuple[str, str]]]] = {}
        self.aliases: dict[str, str] = {}
        for node in c_parser.CParser().parse(text).ext:
            kind = getattr(node, "type", None)
            name = getattr(node, "name", None) or getattr(kind, "name", None) or ""
            if name.startswith("fedigraft_"):
                self._read(node, kind)

    def _read(self, node: c_ast.Node, kind: c_ast.Node | None) -> None:
        if isinstance(node, c_ast.Decl) and isinstance(kind, c_ast.FuncDecl):
            self.functions[node.name] = (self._type(kind.type), list(self._parameters(kind)))
        if isinstance(kind, c_ast.Enum) and kind.values:
            self._enumeration(kind)
        if isinstance(node, c_ast.Typedef) and isinstance(kind, c_ast.TypeDecl):
            if isinstance(kind.type, c_ast.Enum) and kind.type.values:
                self._enumeration(kind.type)
            if isinstance(kind.type, c_ast.Struct) and kind.type.decls:
                self.structs[node.name] = [(d.name, self._type(d.type)) for d in kind.type.decls]
            if isinstance(kind.type, c_ast.IdentifierType):
                self.aliases[node.name] = kind.type.names[0]

    def _enumeration(self, node: c_ast.Enum) -> None:
        following = 0
        for item in node.values.enumerators:
            following = int(item.value.value, 0) if item.value is not None else following
            self.constants[item.name] = str(following)
            following += 1

    def _parameters(self, node: c_ast.FuncDecl) -> list[tuple[str, str]]:
        found = [] if node.args is None else node.args.params
        return [(p.name, self._type(p.type)) for p in found if self._type(p.type) != "None"]

    def _type(self, node: c_ast.Node, depth: int = 0) -> str:
        if isinstance(node, c_ast.PtrDecl):
            return self._type(node.type, depth + 1)
        if isinstance(node.type, c_ast.Struct | c_ast.Enum):
            name, constant = node.type.name, "const" in node.quals
        else:
            name, constant = node.type.names[-1], "const" in node.quals
        if name in self.aliases and name not in SCALARS:
            name = self.aliases[name]
        if depth == 0:
            return "None" if name == "void" else SCALARS[name]
        if depth == 1 and name == "char":
            return "c_char_p"
        if depth == 1 and name == "uint8_t":
            return "c_char_p" if constant else "c_void_p"
        if depth == 1 and name in self.structs:
            return f"POINTER({_class(name)})"
        if depth == 1 and name in SCALARS:
            return f"POINTER({SCALARS[name]})"
        # Handles are opaque: a plain address, kept apart by the Python classes that hold it.
        return "c_void_p" if depth == 1 else "POINTER(c_void_p)"


def _cc(*arguments: str) -> str:
    # pycparser reads the language without its extensions.
    command = ["cc", "-std=c99", "-D__attribute__(x)=", "-D__extension__=", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _class(name: str) -> str:
    return "".join(part.capitalize() for part in name.removeprefix("fedigraft_").split("_"))


def render(header: Header) -> str:
    """The text of ``_abi.py``."""
    body: list[str] = []
    for name, value in sorted(header.macros.items()) + list(header.constants.items()):
        body.append(f"{name.removeprefix('FEDIGRAFT_')} = {value}")
    for name, fields in header.structs.items():
        body += ["", "", f"class {_class(name)}(Structure):", f'    """``{name}``."""', ""]
        body.append("    _fields_ = (")
        body += [f'        ("{field}", {kind}),' for field, kind in fields]
        body.append("    )")
    body += ["", "", "def declare(library: CDLL) -> None:"]
    body.append('    """Gives every function of the library its types."""')
    for name, (result, parameters) in header.functions.items():
        body.append(f"    library.{name}.restype = {result}")
        lines = [f"        {kind},  # {parameter}" for parameter, kind in parameters]
        body += [f"    library.{name}.argtypes = (", *lines, "    )"]
    text = "\n".join(body)
    used = sorted({"CDLL", "Structure", *re.findall(r"\b(c_\w+|POINTER)\b", text)}, key=_isort)
    imports = "\n".join(f"    {name}," for name in used)
    return (
        '"""The C ABI as ctypes sees it.\n\n'
        'Generated from include/fedigraft.h by tools/generate_abi.py: do not edit.\n"""\n\n'
        f"from ctypes import (\n{imports}\n)\n\n{text}\n"
    )


def _isort(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def main() -> int:
    text = render(Header(HEADER))
    if "--check" in sys.argv:
        return 0 if TARGET.read_text() == text else 1
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
