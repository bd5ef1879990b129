# SPDX-License-Identifier: GPL-2.0
# pagedaemon. `make help` says what there is.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := all
MAKEFLAGS += --no-print-directory

# Kernel to build for: KERNEL=6.12|6.1|debug takes one from the cache (fetched
# or built if need be), else KDIR, else the running kernel's headers, else the
# newest installed.
KDIR ?= $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	$(shell ls -1d /lib/modules/*/build 2>/dev/null | sort -rV))
JOBS ?= $(shell nproc)

SOURCES := Kbuild include src kunit tools/check-cxx-object

# Objects never land among the sources: each kernel has its own copy of them.
# $(1): variant suffix, $(2): further make arguments
define build
	$(if $(KERNEL),eval "$$(tools/vm/kernel $(KERNEL))";,KDIR='$(KDIR)';) \
	if [ ! -d "$${KDIR:-}" ]; then \
		echo 'make: no kernel headers: install linux-headers-amd64, or give KDIR= or KERNEL=6.12' >&2; \
		exit 1; \
	fi; \
	release=$$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' "$$KDIR/include/generated/utsrelease.h"); \
	out="$(CURDIR)/build/$$release$(1)"; \
	mkdir -p "$$out"; \
	exec 9>"$$out/.lock"; flock 9; \
	rsync -aR --delete $(SOURCES) "$$out/"; \
	$(MAKE) -j$(JOBS) -C "$$KDIR" M="$$out" W=1 $(2) modules; \
	if readelf -S "$$out"/pagedaemon*.ko | grep ' \.BTF ' >/dev/null; then :; else \
		echo "make: $$out: the module has no BTF" >&2; exit 1; fi
endef

## all: the module and the command-line tool; what plain make does
.PHONY: all
all:
	@$(call build,,)
	@$(MAKE) -C tools/pagedaemonctl -j$(JOBS)

## ctl: the command-line tool (build/pagedaemonctl)
.PHONY: ctl
ctl:
	@$(MAKE) -C tools/pagedaemonctl -j$(JOBS)

## module: the kernel module, for KERNEL=6.12|6.1|debug or KDIR=... (build/<release>/pagedaemon.ko)
.PHONY: module
module:
	@$(call build,,)

## debug-module: the same as a debug build, with policies that misbehave; for tests only
.PHONY: debug-module
debug-module:
	@$(call build,-debug-build,PD_DEBUG=1)

## kunit-module: the module with the KUnit suites, for KERNEL=debug
.PHONY: kunit-module
kunit-module: KERNEL ?= debug
kunit-module:
	@$(call build,-kunit,PD_KUNIT=1)

## setup: install what building and testing need (apt, no questions)
.PHONY: setup
setup:
	@tools/setup all

## demo: same workload under kernel LRU, MGLRU and pagedaemon, in one boot of the stock kernel
.PHONY: demo
demo:
	@tools/setup build vm
	@selftests/bench/demo

## bench: each workload under kernel LRU, MGLRU and every policy (build/bench; an hour and a half); BENCH='--workload a,b --policy c --runs 2'
.PHONY: bench
bench:
	@tools/setup build vm bench
	@selftests/bench/bench $(BENCH)

## test: everything: lint, unit tests, fuzzing, KUnit, self-tests on each kernel
.PHONY: test
test:
	@tools/setup all
	@selftests/run-all

## unit: user-space tests of policies, simulator, command-line tool, benchmark's reports
.PHONY: unit
unit:
	@tools/setup unit sim bench
	@$(MAKE) -C tests/unit check
	@$(MAKE) -C tests/ctl check
	@$(MAKE) -C tests/sim check
	@selftests/bench/test

## sim: the simulator (build/pagedaemon-sim), see docs/simulator.md
.PHONY: sim
sim:
	@tools/setup sim
	@$(MAKE) -C tools/sim
	@ln -sf sim/pagedaemon-sim build/pagedaemon-sim

## sim-bench: how fast the simulator is, references per second and policy
.PHONY: sim-bench
sim-bench:
	@tools/setup sim
	@$(MAKE) -C tools/sim bench

## fuzz: libFuzzer on policies, parsers and the BTF reader; SECONDS_OF_FUZZING=60 each, SEED_OF_FUZZING=n
.PHONY: fuzz
fuzz:
	@tools/setup fuzz
	@$(MAKE) -C tests/fuzz check JOBS=2

## kunit: KUnit suites on the debug kernel
.PHONY: kunit
kunit:
	@tools/setup build vm debug
	@selftests/run-all kunit

## selftest: self-tests in VMs; KERNEL=6.12 and TEST=name narrow them down
.PHONY: selftest
selftest:
	@tools/setup build vm debug
	@selftests/run-all selftest $(if $(KERNEL),--kernel $(KERNEL)) $(if $(TEST),--test $(TEST))

## soak: torture, faults, fuzzing and rounds on each kernel for HOURS=n (1), with new seeds each turn
.PHONY: soak
soak:
	@tools/setup build vm debug fuzz
	@selftests/run-all soak --hours $(or $(HOURS),1) $(if $(KERNEL),--kernel $(KERNEL)) \
		$(if $(TEST),--test $(TEST))

## matrix: all self-tests of memory under each policy on each kernel, rows.sh, switch.sh, leaves.sh (over two hours); POLICY=, KERNEL=, TEST=
.PHONY: matrix
matrix:
	@tools/setup build vm debug
	@selftests/run-all matrix $(if $(POLICY),--policy $(POLICY)) \
		$(if $(KERNEL),--kernel $(KERNEL)) $(if $(TEST),--test $(TEST))

## lint: clang-format, checkpatch, shellcheck, cppcheck, clang-tidy, generated documents
.PHONY: lint
lint:
	@tools/setup build debug lint
	@tools/lint

## clean: remove what was built (the cache of kernels stays)
.PHONY: clean
clean:
	@rm -rf build

## help: this list
.PHONY: help
help:
	@sed -n 's/^## \([a-z-]*\): /\1\t/p' $(MAKEFILE_LIST) | sort | expand -t 16
