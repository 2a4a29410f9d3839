# Everything that a user, a packager or CI does has a name here: `make help` lists the names.
#
# PHP and PHP_CONFIG select the PHP to build for and test with:
#     make build PHP=/opt/php-8.4/bin/php
#     make test  PHP=php8.3

PHP        ?= php
PHP_CONFIG ?= $(if $(findstring /,$(PHP)),$(dir $(PHP)))php-config$(patsubst php%,%,$(notdir $(PHP)))
CARGO      ?= cargo
# One phpt file or folder instead of all: make phpt T=phpt/handler/subclass.phpt
T          ?=
# The built extension that install, phpt, parity, demo, e2e and frameworks use.
EXTENSION  ?= build/seshat.so

TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
# The default features without PHP: what the cargo tests are built with. They need neither PHP nor libclang.
STORES     := $(shell sed -n 's/^default = \[\(.*\)\]/\1/p' Cargo.toml | tr -d '" ' | tr , '\n' | grep -vx php | paste -sd, -)
LIBRARY    := $(if $(filter Darwin,$(shell uname -s)),libseshat.dylib,libseshat.so)

# The build script of the PHP bindings wants whole paths. They are found when a recipe runs, since
# `deps-build` may have installed PHP a moment before.
with_php = PHP="$$(command -v $(PHP))" PHP_CONFIG="$$(command -v $(PHP_CONFIG))"

# The extension of this tree is brought up to date before it is tested; one from elsewhere is taken as it is.
built = $(if $(filter build/seshat.so,$(EXTENSION)),build)

export CARGO

.DEFAULT_GOAL := help
.PHONY: help build build-debug deps-build deps-demo deps-test deps-bench install uninstall demo serve test unit \
        conformance phpt parity e2e frameworks lint bench stubs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "  PHP=... PHP_CONFIG=...  select the PHP        T=phpt/...  select phpt files"
	@echo "  DESTDIR=...  a root to install into           V=1         show a suite's output while it runs"

build: deps-build ## build the optimised extension: build/seshat.so
	@$(with_php) $(CARGO) rustc --release --lib --crate-type cdylib
	@mkdir -p build && { cmp -s $(TARGET_DIR)/release/$(LIBRARY) build/seshat.so || install -m 644 $(TARGET_DIR)/release/$(LIBRARY) build/seshat.so; }
	@echo "built build/seshat.so for PHP $$($(PHP_CONFIG) --version)"

# The cdylib alone, also here: with an rlib beside it cargo drops LTO, and --release would have to build twice.
build-debug: deps-build ## build it quickly, with debug assertions: build/debug/seshat.so
	@$(with_php) $(CARGO) rustc --lib --crate-type cdylib
	@mkdir -p build/debug && install -m 644 $(TARGET_DIR)/debug/$(LIBRARY) build/debug/seshat.so
	@echo "built build/debug/seshat.so; use it with EXTENSION=build/debug/seshat.so"

install: $(built) ## install the extension and its ini file into the selected PHP
	@tools/extension install $(EXTENSION) "$(PHP)" "$(PHP_CONFIG)"

uninstall: ## remove what `make install` installed
	@tools/extension uninstall $(EXTENSION) "$(PHP)" "$(PHP_CONFIG)"

demo: deps-demo build ## play a visit to the example shop and show what is stored
	@PHP="$(PHP)" tools/demo

serve: deps-demo build ## run the example shop for your browser
	@PHP="$(PHP)" tools/demo --serve

test: deps-test ## run every suite and print the totals
	@MAKE="$(MAKE)" tools/suites lint cargo build phpt parity e2e frameworks

unit: ## run the unit tests alone: no PHP, no servers
	@$(CARGO) test --no-default-features --features $(STORES) --lib

conformance: ## run all cargo tests: units, store laws against real servers, wire counts
	@$(CARGO) test --no-default-features --features $(STORES) --no-fail-fast

phpt: deps-test $(built) ## run the phpt tree, or T=phpt/one/file.phpt
	@PHP="$(PHP)" PHP_CONFIG="$(PHP_CONFIG)" tools/phpt $(EXTENSION) $(T)

parity: deps-test $(built) ## compare the extension's classes with php-stubs
	@PHP="$(PHP)" tests/parity/run $(EXTENSION)

e2e: deps-test $(built) ## drive the shop over HTTP: php -S and php-fpm, every store
	@PHP="$(PHP)" tests/e2e/run $(EXTENSION)

frameworks: deps-test $(built) ## run the recipes of docs/frameworks.md as they stand there
	@PHP="$(PHP)" PHP_CONFIG="$(PHP_CONFIG)" tests/frameworks/run $(EXTENSION)

lint: deps-test ## rustfmt, clippy, shell and PHP syntax
	@$(with_php) STORES="$(STORES)" tools/lint

bench: deps-bench build ## measure every store against its physical limit
	@PHP="$(PHP)" PHP_CONFIG="$(PHP_CONFIG)" benches/run

stubs: $(built) ## write a first stub for each class that has none
	@"$(PHP)" -n -d extension="$(abspath $(EXTENSION))" tools/stubs.php

clean: ## remove everything that was built
	@$(CARGO) clean
	@rm -rf build
	@find phpt -type f \( -name '*.diff' -o -name '*.exp' -o -name '*.log' -o -name '*.out' -o -name '*.sh' -o -name '*.php' \) -not -path 'phpt/include/*' -delete

deps-build deps-demo deps-test deps-bench: deps-%:
	@PHP="$(PHP)" PHP_CONFIG="$(PHP_CONFIG)" tools/install-deps $*
