# SPDX-License-Identifier: GPL-3.0-or-later
# The front door. `make` alone lists the targets; the work is in scripts/, tools/, tests/run and Meson.
BUILD ?= build
BUILD_SANITIZE ?= build-sanitize
PREFIX ?= /usr/local
DATA ?= var/demo
NINJA = ninja $(if $(VERBOSE),-v,--quiet) -C
export BUILD BUILD_SANITIZE DATA PORT

.PHONY: help run build test bench tidy fmt fuzz dev install clean
help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

run: build ## build, make the replay in var/demo if absent, serve it on 127.0.0.1:8080 (or PORT)
	@scripts/run

build: ## build/levee, with the pages inside
	@scripts/setup run
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) >/dev/null
	@$(NINJA) $(BUILD)

test: ## every test; the last line counts them (PART=name: only these)
	@scripts/setup test
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) >/dev/null
	@$(NINJA) $(BUILD)
	@[ -f $(BUILD_SANITIZE)/build.ninja ] || meson setup $(BUILD_SANITIZE) -Db_sanitize=address,undefined >/dev/null
	@$(NINJA) $(BUILD_SANITIZE)
	@tests/run $(PART)

bench: ## every measurement with its yardstick, in one table
	@scripts/setup bench
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) >/dev/null
	@$(NINJA) $(BUILD)
	@bench/run

tidy: ## what a machine can check of STYLE: layers, lengths, words, banned calls
	@tools/tidy

fmt: ## clang-format on every C file
	@git ls-files '*.c' '*.h' | xargs clang-format -i

fuzz: ## each parser against made-up input (SECONDS_EACH=60)
	@scripts/setup fuzz
	@tests/fuzz/run

dev: build ## server and pages, rebuilt on save
	@scripts/dev

install: build ## program, manual and service file under PREFIX
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild

clean: ## the build folders; var/ stays
	@rm -rf $(BUILD) $(BUILD_SANITIZE)
