"""Packs the Go module, native library inside, as a module proxy in a folder.

    python bindings/goproxy.py VERSION LIBRARY FOLDER
    GOPROXY=file://FOLDER GONOSUMDB='*' go get github.com/fedigraft/fedigraft/bindings/go@vVERSION

The layout is that of https://go.dev/ref/mod#goproxy-protocol, the archive that of https://go.dev/ref/mod#zip-files.
LIBRARY is the static library; it is git-ignored in the tree and added here, so that nobody needs Rust.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "bindings" / "go"
ARCHIVE = "lib/linux_amd64/libfedigraft.a"
#: The same input gives the same archive.
EPOCH = (1980, 1, 1, 0, 0, 0)


def module_files() -> dict[str, bytes]:
    """The files of the module by their path in it: what git knows, without modules further down."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "."],
        cwd=SOURCE,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    names = sorted(name for name in listed.split("\0") if name and (SOURCE / name).is_file())
    nested = [name.removesuffix("go.mod") for name in names if name.endswith("/go.mod")]
    kept = [name for name in names if not name.startswith(tuple(nested))] if nested else names
    files = {name: (SOURCE / name).read_bytes() for name in kept}
    for licence in ("LICENSE-MIT", "LICENSE-APACHE"):
        files[licence] = (ROOT / licence).read_bytes()
    return files


def main() -> None:
    """Writes the proxy."""
    version, library, folder = "v" + sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    manifest = (SOURCE / "go.mod").read_text()
    named = re.search(r"^module (\S+)$", manifest, re.M)
    if named is None:
        sys.exit("bindings/go/go.mod names no module")
    files = module_files() | {ARCHIVE: library.read_bytes()}
    place = folder / named[1] / "@v"
    place.mkdir(parents=True, exist_ok=True)
    (place / "list").write_text(version + "\n")
    (place / f"{version}.info").write_text(json.dumps({"Version": version, "Time": "1980-01-01T00:00:00Z"}))
    (place / f"{version}.mod").write_text(manifest)
    with zipfile.ZipFile(place / f"{version}.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{named[1]}@{version}/{name}", EPOCH)
            packed.writestr(entry, data, zipfile.ZIP_DEFLATED)
    print(f"{place / version}.zip: {len(files)} files")


if __name__ == "__main__":
    main()
