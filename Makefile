# The C artefacts. Each is built alone: cargo drops LTO when crate types are mixed, and two static archives with
# LTO define the same symbols twice (rust-lang/rust#44322).

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
ABI     := $(shell sed -n 's/^\#define FEDIGRAFT_ABI_VERSION //p' include/fedigraft.h)
PREFIX  ?= /usr/local
CAPI    := cargo rustc --lib --features capi --target-dir target/capi

.PHONY: lib staticlib header install

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

## header: writes include/fedigraft.h anew from src/ffi
header:
	FEDIGRAFT_WRITE_HEADER=1 cargo check --lib --features capi

## install: shared library, header and pkg-config file below PREFIX
install: lib
	mkdir -p $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/lib/pkgconfig
	cp -P build/lib/libfedigraft.so* $(DESTDIR)$(PREFIX)/lib/
	install -m 644 include/fedigraft.h $(DESTDIR)$(PREFIX)/include/
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' include/fedigraft.pc.in \
		> $(DESTDIR)$(PREFIX)/lib/pkgconfig/fedigraft.pc
