# What a person types here. `make` alone lists it.

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
ABI     := $(shell sed -n 's/^\#define FEDIGRAFT_ABI_VERSION //p' include/fedigraft.h)
PREFIX  ?= /usr/local
CAPI    := cargo rustc --lib --features capi --target-dir target/capi
BIN     := $(CURDIR)/build/venv/bin
LINT     = $(BIN)/ruff format --check . && $(BIN)/ruff check .
say      = @printf '\033[1;34m==>\033[0m %s\n'

.DELETE_ON_ERROR:
.PHONY: help setup demo test check bench picture clean python python-dev
.PHONY: check-rust check-generated check-python check-licences advisories
.PHONY: test-rust test-python test-chirp test-demo test-peer test-browser

## help: this list
help:
	@echo 'fedigraft $(VERSION)'
	@awk '/^## [a-z-]+: /{name = $$2; sub(/:/, "", name); sub(/^## [^:]*: /, ""); printf "  make %-15s %s\n", name, $$0}' \
		$(MAKEFILE_LIST)

## setup: installs what the checks and tests need (Debian 12, as root); the other targets call it
setup:
	@.ci/setup.sh test
	@touch build/ready-test

build/ready-%: .ci/setup.sh tests/requirements.txt tests/peer/package-lock.json
	@.ci/setup.sh $*
	@touch $@

## demo: two chirps that federate on this machine, until Ctrl-C
demo: build/ready-demo python
	@$(BIN)/python bindings/python/examples/demo.py

## test: everything: Rust, C, Python, chirp, the stock peer, the browser
test: test-rust test-python test-chirp test-demo test-peer test-browser
	$(say) 'all tests passed'

## test-rust: the core, with both RSA back ends, and the C programs against the shared library
test-rust: build/ready-test
	$(say) 'Rust and C'
	cargo test --locked --features capi
	cargo test --locked --no-default-features --lib

# The package as a user installs it: pip builds the library and bundles it.
python:
	$(say) 'pip install ./bindings/python (builds the library: minutes at first, then seconds)'
	@$(BIN)/pip install --quiet --disable-pip-version-check ./bindings/python flask

python-dev: build/ready-test
	$(say) 'pip install ./bindings/python[dev] (builds the library: minutes at first, then seconds)'
	@$(BIN)/pip install --quiet --disable-pip-version-check './bindings/python[dev]' flask

## test-python: the Python binding
test-python: build/ready-test python-dev
	$(say) 'Python binding'
	cd bindings/python && $(BIN)/pytest

## test-chirp: chirp by itself, without federation
test-chirp: build/ready-test python-dev
	$(say) 'chirp'
	cd bindings/python/examples/chirp && $(BIN)/pytest

## test-demo: the story of `make demo`; ends by itself
test-demo: build/ready-test python-dev
	$(say) 'the demo'
	DEMO_EXIT=1 $(BIN)/python bindings/python/examples/demo.py

## test-peer: chirp and Fedify over TLS, with signatures on
test-peer: build/ready-test python-dev
	$(say) 'chirp and the stock Fedify server'
	cd tests && $(BIN)/pytest peer

## test-browser: a person posts with Chromium and sees a remote reply arrive
test-browser: build/ready-test python-dev
	$(say) 'chirp in Chromium'
	cd tests && $(BIN)/pytest browser

## check: formats, lints, types, the header, licences
check: check-rust check-generated check-python check-licences

## check-rust: cargo fmt, clippy for each set of features, the committed header
check-rust: build/ready-test
	$(say) 'Rust: format and lints'
	cargo fmt --all --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --all-targets --no-default-features -- -D warnings
	cargo clippy --locked --all-targets --features capi -- -D warnings
	$(say) 'C header: as generated'
	cargo test --locked --quiet --test header

# The declarations, versions and schema copies of the bindings.
check-generated: build/ready-test python-dev
	$(say) 'Generated files: as generated'
	$(BIN)/python bindings/generate.py --check

## check-python: ruff and mypy --strict
check-python: build/ready-test python-dev
	$(say) 'Python: format, lints and types'
	cd bindings/python && $(LINT) && $(BIN)/mypy
	cd bindings/python && $(BIN)/ruff format --check ../generate.py && $(BIN)/ruff check ../generate.py \
		&& $(BIN)/mypy --strict ../generate.py
	cd bindings/python/examples/chirp && $(LINT) && $(BIN)/mypy chirp federate.py
	cd bindings/python/examples && $(BIN)/ruff format --check --config chirp/pyproject.toml demo.py visitor.py \
		&& $(BIN)/ruff check --config chirp/pyproject.toml demo.py visitor.py && $(BIN)/mypy --strict demo.py visitor.py
	cd tests && $(LINT) && $(BIN)/mypy

## check-licences: what may enter the dependency tree (deny.toml)
check-licences: build/ready-test
	$(say) 'Dependencies: licences and sources'
	@$(BIN)/cargo-deny --all-features --locked check licenses bans sources

## advisories: known faults in dependencies; fetches the RustSec database
advisories: build/ready-test
	$(BIN)/cargo-deny --all-features --locked check advisories

## bench: each cost beside the raw primitive; printed, never judged
bench:
	cargo bench --locked

## picture: takes the README's picture of chirp anew
picture: build/ready-test python-dev
	cd tests && PYTHONPATH=peer:browser $(BIN)/python browser/picture.py

## clean: removes everything that was built or installed below this folder
clean:
	cargo clean
	rm -rf build tests/peer/node_modules

# The C artefacts. Each is built alone: cargo drops LTO when crate types are mixed, and two static archives with
# LTO define the same symbols twice (rust-lang/rust#44322).

.PHONY: lib staticlib header generate install
## lib: the shared library with its links, in build/lib
lib:
	$(CAPI) --release --crate-type cdylib
	mkdir -p build/lib
	install -m 755 target/capi/release/libfedigraft.so build/lib/libfedigraft.so.$(VERSION)
	ln -sf libfedigraft.so.$(VERSION) build/lib/libfedigraft.so.$(ABI)
	ln -sf libfedigraft.so.$(ABI) build/lib/libfedigraft.so

## staticlib: the static library, without LTO, in build/lib
staticlib:
	$(CAPI) --profile archive --crate-type staticlib
	mkdir -p build/lib
	install -m 644 target/capi/archive/libfedigraft.a build/lib/
	strip --strip-debug build/lib/libfedigraft.a

## header: writes include/fedigraft.h anew from src/ffi
header:
	FEDIGRAFT_WRITE_HEADER=1 cargo check --lib --features capi

## generate: writes the bindings' declarations, versions and schema copies anew
generate: build/ready-test python-dev
	$(BIN)/python bindings/generate.py

## install: shared library, header and pkg-config file below PREFIX
install: lib
	mkdir -p $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/lib/pkgconfig
	cp -P build/lib/libfedigraft.so* $(DESTDIR)$(PREFIX)/lib/
	install -m 644 include/fedigraft.h $(DESTDIR)$(PREFIX)/include/
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' include/fedigraft.pc.in \
		> $(DESTDIR)$(PREFIX)/lib/pkgconfig/fedigraft.pc
