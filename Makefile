# SPDX-License-Identifier: GPL-3.0-or-later
# The front door. `make` alone lists the targets; the work is in scripts/, tools/, tests/run and Meson.
BUILD ?= build
BUILD_SANITIZE ?= build-sanitize
PREFIX ?= /usr/local
DATA ?= var/demo
export BUILD BUILD_SANITIZE DATA PORT

.PHONY: help run build test bench bench-quality tidy fmt fuzz dev install clean
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

run: build ## build, make the replay in var/demo if absent, serve it on 127.0.0.1:8080 (or PORT)
	@scripts/run

build: ## build/levee, with the pages inside
	@scripts/setup run
	@scripts/build

test: ## every test; the last line counts them (PART=name: only these)
	@scripts/setup test
	@scripts/build sanitize
	@tests/run $(PART)

bench: ## every measurement with its yardstick, in one table
	@scripts/setup bench
	@scripts/build
	@bench/run

bench-quality: ## what the detectors find of what is labelled, others' figures beside; writes docs/methods.md
	@scripts/setup bench
	@scripts/build
	@bench/quality/run --write

tidy: ## what a machine can check of STYLE: layers, lengths, words, banned calls
	@tools/tidy

fmt: ## clang-format on every C file
	@scripts/setup fmt
	@git ls-files '*.c' '*.h' | xargs clang-format -i

fuzz: ## each parser against made-up input (SECONDS_EACH=60)
	@scripts/setup fuzz
	@tests/fuzz/run

dev: build ## server and pages, rebuilt on save
	@scripts/dev

install: build ## program, manual and service file under PREFIX
	@meson configure $(BUILD) -Dprefix=$(PREFIX)
	@ninja --quiet -C $(BUILD) >/dev/null
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild --quiet

clean: ## the build folders; var/ stays
	@rm -rf $(BUILD) $(BUILD_SANITIZE)
