# SPDX-License-Identifier: Apache-2.0
# The front door. `make help` says what there is; meson.build says how it is made.
.DEFAULT_GOAL := build
.PHONY: build test check lint format fuzz bench run soak soak-dialogue \
	soak-faults soak-isolation soak-kills coverage hooks clean help setup \
	setup-run release asan

JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60
SOAK_ROUNDS ?= 20
SOAK_KILLS ?= 100000
SOAK_STEP ?= 1
FAULT_TESTS = tests/fault/test_power tests/fault/test_io_faults tests/fault/test_memory_faults
ISOLATION_TRIALS ?= 100000000
RUN_ARGS ?=

setup:
	@tools/setup check

setup-run:
	@tools/setup run

## build    the programs, in build/
build: setup-run build/build.ninja
	@ninja -j $(JOBS) -C build

build/build.ninja: | setup-run
	@meson setup build

build-asan/build.ninja:
	@meson setup build-asan -Db_sanitize=address,undefined

build-release/build.ninja:
	@meson setup build-release --buildtype=release -Doptimization=2 -Dhardened=true

build-coverage/build.ninja:
	@meson setup build-coverage -Db_coverage=true -Doptimization=0

build-fuzz/build.ninja:
	@CC=clang meson setup build-fuzz -Dfuzzing=true -Db_sanitize=address,undefined \
		-Db_lundef=false

## run      sets up, builds, starts the house with a toy home, shows it, and stays up
run: setup-run release
	@build-release/behest up --toy-home --tour $(RUN_ARGS)

release: build-release/build.ninja
	@tools/ninja-bar build-release $(JOBS)

## test     the fast tests (under 60 s)
test: setup build/build.ninja
	@ninja -j $(JOBS) -C build --quiet
	@meson test -C build --no-rebuild --suite fast --num-processes $$((2 * $(JOBS))) --print-errorlogs

## check    every test, plain and (but for much sound) with address and undefined-behaviour sanitizers
check: setup
	@tools/check-all $(JOBS)

asan: setup build-asan/build.ninja
	@ninja -j $(JOBS) -C build-asan

## lint     all gates: who includes whom, what is private, what is pure, form, clang-tidy
lint: setup build
	@tools/lint build

## format   brings the sources into form
format: setup
	@tools/sources | xargs clang-format-14 -i

## fuzz     FUZZ_SECONDS (60) per target; finds lie in build-fuzz/found
fuzz: setup build-fuzz/build.ninja
	@tools/fuzz build-fuzz $(FUZZ_SECONDS) $(JOBS)

## coverage lines and branches that the tests of vault, journal, export and wire never reach; AREA=one
coverage: setup build-coverage/build.ninja
	@tools/coverage build-coverage $(AREA)

## bench    every benchmark, one JSON line each
bench: setup release
	@meson test -C build-release --no-rebuild --benchmark --verbose
	@build-release/behest bench --json

## soak     property and end-to-end tests SOAK_ROUNDS (20) times, with sanitizers
soak: asan
	@meson test -C build-asan --no-rebuild --suite prop --suite scenario --suite e2e \
		--repeat $(SOAK_ROUNDS) --timeout-multiplier 4 --print-errorlogs

## soak-faults  every power cut, every failing call and every failing allocation, none left out, with sanitizers (hours)
soak-faults: setup build-asan/build.ninja
	@ninja -j $(JOBS) -C build-asan $(FAULT_TESTS)
	@for test in $(FAULT_TESTS); do BEHEST_ALL=1 BEHEST_STEP=$(SOAK_STEP) BEHEST_SOURCE=$(CURDIR) \
		BEHEST_BUILD=$(CURDIR)/build-asan build-asan/$$test || exit 1; done

## soak-kills  a keeper is killed SOAK_KILLS (100000) times at random moments, with sanitizers (hours)
soak-kills: setup build-asan/build.ninja
	@ninja -j $(JOBS) -C build-asan behest-keeper tests/e2e/test_vault_kills
	@BEHEST_SOURCE=$(CURDIR) BEHEST_BUILD=$(CURDIR)/build-asan BEHEST_ROUNDS=$(SOAK_KILLS) \
		build-asan/tests/e2e/test_vault_kills

## soak-isolation  ISOLATION_TRIALS (10^8, more than half an hour) rows exchanged, changed and forged
soak-isolation: setup build-release/build.ninja
	@ninja -j $(JOBS) -C build-release tests/prop/test_isolation
	@BEHEST_TRIALS=$(ISOLATION_TRIALS) BEHEST_SOURCE=$(CURDIR) \
		BEHEST_BUILD=$(CURDIR)/build-release build-release/tests/prop/test_isolation

## soak-dialogue  an hour of dialogue-like sound (SOAK_LIST: a list of sound files) in 12 houses
soak-dialogue: setup release
	@tools/soak-dialogue build-release 60 12 $(SOAK_LIST)

## hooks    lets git check form and quick gates before each commit
hooks:
	@git config core.hooksPath tools/hooks

## clean    removes the build folders
clean:
	@rm -rf build build-asan build-coverage build-release build-fuzz

## help     this
help:
	@sed -n 's/^## /  make /p' $(MAKEFILE_LIST)
