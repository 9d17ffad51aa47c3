# What a person types here. `make` alone lists it.

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
ABI     := $(shell sed -n 's/^\#define FEDIGRAFT_ABI_VERSION //p' include/fedigraft.h)
PREFIX  ?= /usr/local
CAPI    := cargo rustc --lib --features capi --target-dir target/capi
BIN     := $(CURDIR)/build/venv/bin
GO       = env GOTOOLCHAIN=local GOFLAGS=-mod=mod GOPROXY=off $(CURDIR)/build/go/bin/go
LINT     = $(BIN)/ruff format --check . && $(BIN)/ruff check .
say      = @printf '\033[1;34m==>\033[0m %s\n'

.DELETE_ON_ERROR:
.PHONY: help setup demo test check bench picture clean python python-dev
.PHONY: check-rust check-generated check-python check-ruby check-go check-licences advisories
.PHONY: test-rust test-python test-ruby test-go test-chirp test-readme test-demo test-peer test-browser

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
	@.ci/setup.sh $(subst -, ,$*)
	@touch $@

# What the demo plays with: languages between commas, and a server that is not ours.
comma   := ,
space   := $() $()
CHIRPS   = $(sort $(subst $(comma), ,$(or $(LANGS),python)))
ifneq ($(filter-out python ruby go,$(CHIRPS)),)
$(error LANGS names languages between commas, of python, ruby and go; not $(filter-out python ruby go,$(CHIRPS)))
endif
STAGE    = $(subst $(space),-,$(strip demo $(filter-out python,$(CHIRPS)) $(PEER)))

## demo: two chirps that federate on this machine, until Ctrl-C; LANGS=python,ruby,go PEER=fedify: more of them
demo: build/ready-$(STAGE) $(CHIRPS:%=chirp-%)
	@$(BIN)/python bindings/demo/demo.py

# chirp in each language, ready to run from this checkout.
.PHONY: chirp-python chirp-ruby chirp-go
chirp-python: python
chirp-ruby: ruby
chirp-go: go
	cd bindings/go/examples/chirp && $(GO) build -o $(CURDIR)/build/chirp-go .

## test: everything: Rust, C, Python, Ruby, Go, chirp, the packages, the demo, the stock peer, the browser, memory
test: test-rust test-c test-python test-ruby test-go test-chirp test-readme test-dist test-demo test-peer test-browser soak
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

# The store of each binding is tested on SQLite and on a PostgreSQL server of the test's own.
POSTGRES := $(CURDIR)/.ci/with-postgres.sh

## test-python: the Python binding
test-python: build/ready-test python-dev
	$(say) 'Python binding'
	cd bindings/python && $(POSTGRES) $(BIN)/pytest

## test-ruby: the Ruby binding
test-ruby: build/ready-test ruby
	$(say) 'Ruby binding'
	cd bindings/ruby && $(POSTGRES) rake test rbs_test

## test-go: the Go binding, also under the race detector
test-go: build/ready-test go c
	$(say) 'Go binding'
	cd bindings/go && $(GO) test ./... && $(GO) test -race ./... && $(GO) test -tags fedigraft_debug ./...
	cd bindings/go && PKG_CONFIG_PATH=$(C_PREFIX)/lib/pkgconfig LD_LIBRARY_PATH=$(C_PREFIX)/lib $(GO) test -tags fedigraft_shared .
	cd bindings/go/storetest && $(POSTGRES) $(GO) test -race -tags fedigraft_debug ./...

## test-chirp: chirp in each language
test-chirp: build/ready-test python-dev chirp-ruby chirp-go
	$(say) 'chirp'
	cd bindings/python/examples/chirp && $(BIN)/pytest
	cd bindings/ruby/examples/chirp && rake test
	cd bindings/go/examples/chirp && $(GO) test ./... && $(GO) test -tags plain ./...

## test-readme: the programs that README.md shows in Ruby, Go and C
test-readme: build/ready-test ruby go
	$(say) 'The examples of README.md'
	cd tests && $(BIN)/pytest readme

## test-demo: the story of `make demo`; ends by itself
test-demo: build/ready-test python-dev chirp-ruby chirp-go
	$(say) 'the demo'
	DEMO_EXIT=1 $(BIN)/python bindings/demo/demo.py
	DEMO_EXIT=1 LANGS=python,ruby,go PEER=fedify $(BIN)/python bindings/demo/demo.py

## test-peer: chirp in each language, each other and Fedify over TLS, with signatures on
test-peer: build/ready-test python-dev chirp-ruby chirp-go
	$(say) 'chirp and the stock Fedify server'
	cd tests && $(BIN)/pytest peer --ignore peer/test_board.py # which test-c runs

## test-browser: a person posts with Chromium and sees a remote reply arrive
test-browser: build/ready-test python-dev chirp-ruby chirp-go
	$(say) 'chirp in Chromium'
	cd tests && $(BIN)/pytest browser

## check: formats, lints, types, the header, licences
check: check-rust check-generated check-python check-ruby check-go check-licences

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
	cd bindings/python && $(LINT) && $(BIN)/mypy && $(BIN)/mypy --strict bench
	cd bindings/python && $(BIN)/ruff format --check ../*.py && $(BIN)/ruff check ../*.py \
		&& $(BIN)/mypy --strict ../*.py
	cd bindings/python/examples/chirp && $(LINT) && $(BIN)/mypy chirp federate.py
	cd bindings/demo && $(LINT) && $(BIN)/mypy
	cd tests && $(LINT) && $(BIN)/mypy

## check-ruby: rubocop, and the signatures
check-ruby: build/ready-test
	$(say) 'Ruby: style and signatures'
	cd bindings/ruby && rake rubocop rbs

## check-go: gofmt and go vet
check-go: build/ready-test go
	$(say) 'Go: format and vet'
	@unformatted=$$(build/go/bin/gofmt -l bindings/go); [ -z "$$unformatted" ] || { echo "gofmt: $$unformatted"; exit 1; }
	for module in bindings/go bindings/go/storetest bindings/go/examples/chirp; do (cd $$module && $(GO) vet ./... && $(GO) vet -tags fedigraft_debug ./...) || exit 1; done
	cd bindings/go/examples/chirp && $(GO) vet -tags plain ./...

## check-licences: what may enter the dependency tree (deny.toml)
check-licences: build/ready-test
	$(say) 'Dependencies: licences and sources'
	@$(BIN)/cargo-deny --all-features --locked check licenses bans sources

## advisories: known faults in dependencies; fetches the RustSec database
advisories: build/ready-test
	$(BIN)/cargo-deny --all-features --locked check advisories

## bench: each cost beside the raw primitive, in each language; printed, never judged
bench: build/ready-test python-dev ruby go bench-c
	cargo bench --locked
	cd bindings/python && $(BIN)/python bench/boundary.py
	cd bindings/ruby && rake bench
	cd bindings/go && $(GO) run ./bench

# The full measure: ten million cheap calls, 100,000 signatures and exchanges in each language. `make test` does a tenth.
SCALE ?= 1
test: SCALE = 0.1
.PHONY: soak
## soak: calls again and again in each language and fails when memory grows; takes long, SCALE=0.1 is a tenth
soak: build/ready-test python-dev ruby go soak-c
	$(say) 'Memory'
	cd bindings/python && $(BIN)/python bench/soak.py --scale $(SCALE)
	cd bindings/ruby && SCALE=$(SCALE) rake soak
	cd bindings/go && $(GO) run ./soak --scale $(SCALE)

## picture: takes the README's picture of chirp anew
picture: build/ready-test python-dev
	cd tests && PYTHONPATH=peer:browser $(BIN)/python browser/picture.py

## clean: removes everything that was built or installed below this folder
clean:
	cargo clean
	rm -rf build dist tests/peer/node_modules bindings/ruby/lib/fedigraft/libfedigraft.so bindings/go/lib/linux_amd64/libfedigraft.a

# The C artefacts. Each is built alone: cargo drops LTO when crate types are mixed, and two static archives with
# LTO define the same symbols twice (rust-lang/rust#44322). Files, so that `sudo make install` builds nothing.

CORE    := Cargo.toml Cargo.lock build.rs $(shell find src -name '*.rs')
SHARED  := build/lib/libfedigraft.so.$(VERSION)
ARCHIVE := build/lib/libfedigraft.a

.PHONY: lib staticlib header generate
## lib: the shared library with its links, in build/lib
lib: $(SHARED)
## staticlib: the static library, without LTO, in build/lib
staticlib: $(ARCHIVE)

$(SHARED): $(CORE)
	$(CAPI) --release --crate-type cdylib
	mkdir -p build/lib
	install -m 755 target/capi/release/libfedigraft.so $@
	ln -sf libfedigraft.so.$(VERSION) build/lib/libfedigraft.so.$(ABI)
	ln -sf libfedigraft.so.$(ABI) build/lib/libfedigraft.so

$(ARCHIVE): $(CORE)
	$(CAPI) --profile archive --crate-type staticlib
	mkdir -p build/lib
	install -m 644 target/capi/archive/libfedigraft.a $@
	strip --strip-debug $@

## header: writes include/fedigraft.h anew from src/ffi
header:
	FEDIGRAFT_WRITE_HEADER=1 cargo check --lib --features capi

## generate: writes the bindings' declarations, versions and schema copies anew
generate: build/ready-test python-dev
	$(BIN)/python bindings/generate.py

.PHONY: dist test-dist ruby go
# The libraries where Ruby and Go look for them in a checkout.
ruby: lib
	install -m 755 build/lib/libfedigraft.so.$(VERSION) bindings/ruby/lib/fedigraft/libfedigraft.so

go: staticlib
	install -m 644 build/lib/libfedigraft.a bindings/go/lib/linux_amd64/

## dist: wheel, gem, Go module and C library for people without Rust, in dist
dist: build/ready-test ruby go
	rm -rf dist && mkdir dist
	cd bindings/python && FEDIGRAFT_PREBUILT=$(CURDIR)/build/lib/libfedigraft.so \
		$(BIN)/python -m hatchling build -t wheel -d $(CURDIR)/dist
	cd bindings/ruby && gem build --strict -o $(CURDIR)/dist/fedigraft-$(VERSION)-x86_64-linux.gem fedigraft.gemspec
	$(BIN)/python bindings/goproxy.py $(VERSION) build/lib/libfedigraft.a dist/goproxy
	$(MAKE) --no-print-directory install PREFIX=/fedigraft-$(VERSION)-x86_64-linux DESTDIR=$(CURDIR)/build/dist
	tar -C build/dist -czf dist/fedigraft-$(VERSION)-x86_64-linux.tar.gz fedigraft-$(VERSION)-x86_64-linux
	$(say) 'dist:' && ls -sh dist

## test-dist: installs each package in an empty place without Rust and uses it there
test-dist: build/ready-test dist
	cd tests && $(BIN)/pytest packages

# --- C: what a C developer installs, the example server, its tests --------------------------------------------

INCLUDEDIR ?= $(PREFIX)/include
LIBDIR     ?= $(PREFIX)/lib
# A folder as the pkg-config file names it: relative to the prefix when it is inside, so that a tree may be moved.
below       = $(patsubst $(abspath $(PREFIX))/%,$${prefix}/%,$(abspath $(1)))
C_PREFIX   := $(CURDIR)/build/c/prefix
INSTALLED   = $(INCLUDEDIR)/fedigraft.h $(addprefix $(LIBDIR)/,libfedigraft.so libfedigraft.so.$(ABI) \
	libfedigraft.so.$(VERSION) libfedigraft.a pkgconfig/fedigraft.pc)

.PHONY: install uninstall c test-c soak-c bench-c
## install: header, shared and static library and pkg-config file below PREFIX (/usr/local), in DESTDIR if given
install: $(SHARED) $(ARCHIVE)
	install -d $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 644 include/fedigraft.h $(DESTDIR)$(INCLUDEDIR)/
	install -m 755 $(SHARED) $(DESTDIR)$(LIBDIR)/
	ln -sf libfedigraft.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libfedigraft.so.$(ABI)
	ln -sf libfedigraft.so.$(ABI) $(DESTDIR)$(LIBDIR)/libfedigraft.so
	install -m 644 $(ARCHIVE) $(DESTDIR)$(LIBDIR)/
	sed -e 's|@PREFIX@|$(abspath $(PREFIX))|' -e 's|@LIBDIR@|$(call below,$(LIBDIR))|' \
		-e 's|@INCLUDEDIR@|$(call below,$(INCLUDEDIR))|' -e 's|@VERSION@|$(VERSION)|' include/fedigraft.pc.in \
		> $(DESTDIR)$(LIBDIR)/pkgconfig/fedigraft.pc

## uninstall: removes what install put there; the same PREFIX and DESTDIR
uninstall:
	rm -f $(addprefix $(DESTDIR),$(INSTALLED))

# As a user has it: installed, found by pkg-config.
$(C_PREFIX)/lib/pkgconfig/fedigraft.pc: $(SHARED) $(ARCHIVE) include/fedigraft.h include/fedigraft.pc.in
	$(MAKE) --no-print-directory install PREFIX=$(C_PREFIX) DESTDIR=

## c: the example server in C, against an installed library, in build/c
c: $(C_PREFIX)/lib/pkgconfig/fedigraft.pc
	$(MAKE) --no-print-directory -C bindings/c/example PREFIX=$(C_PREFIX) OUT=$(CURDIR)/build/c/example

## test-c: installing, linking, the example server and chirp (the C programs of tests/c run with test-rust)
test-c: build/ready-test python-dev c
	$(say) 'C'
	cd tests && $(BIN)/pytest c peer/test_board.py

## soak-c: the same in C alone
soak-c: c
	$(MAKE) --no-print-directory -C bindings/c/example measures PREFIX=$(C_PREFIX) OUT=$(CURDIR)/build/c/example
	build/c/example/soak --scale $(SCALE)

## bench-c: what a call costs; printed, never judged
bench-c: c
	$(MAKE) --no-print-directory -C bindings/c/example measures PREFIX=$(C_PREFIX) OUT=$(CURDIR)/build/c/example
	build/c/example/bench
