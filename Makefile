# SPDX-License-Identifier: GPL-2.0-only
#
# `make help` lists the targets. B=DIR builds there; V=1 shows the commands.

MAKEFLAGS += -r
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

# As the kernel's sources name them. For another one than this machine's: `make ARCH=arm64`
HOST_ARCH := $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(shell uname -m)))
ARCH ?= $(HOST_ARCH)
CROSS := $(filter-out $(HOST_ARCH),$(ARCH))
CROSS_x86 := x86_64-linux-gnu-
CROSS_arm64 := aarch64-linux-gnu-
CROSS_COMPILE ?= $(if $(CROSS),$(CROSS_$(ARCH)))
# of the machines of tests/lab
export OVLTRACE_ARCH := $(ARCH)

B ?= build$(CROSS:%=-%)
# where what runs on this machine is built for another one
HOST_BUILD ?= build
PREFIX ?= /usr
DESTDIR ?=
ifeq ($(origin CC),default)
CC := $(CROSS_COMPILE)gcc
endif
ifeq ($(origin CXX),default)
CXX := $(CROSS_COMPILE)g++
endif
CLANG ?= clang
BPFTOOL ?= bpftool
# It runs as root on input of others: what goes wrong must end it, not take it over.
HARDEN := -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=3
CFLAGS ?= -O2 -g $(HARDEN)
CXXFLAGS ?= -O2 -g $(HARDEN)
LDFLAGS ?= -Wl,-z,relro -Wl,-z,now
WERROR ?= $(if $(CI),-Werror)

ALL_CPPFLAGS := -D_GNU_SOURCE -Iinclude -Isrc -I$(B)/bpf $(CPPFLAGS)
ALL_CFLAGS := -std=gnu11 -fPIE -Wall -Wextra $(WERROR) $(CFLAGS)
ALL_CXXFLAGS := -std=gnu++17 -fPIE -Wall -Wextra $(WERROR) $(CXXFLAGS)
# BTF has the names of sources: the same, wherever it is built
BPF_FLAGS := -O2 -g -fdebug-compilation-dir=. -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCH) -Ibpf -Ibpf/$(ARCH) -Iinclude -Wall -Werror
# libarchive: of the static library, only what handles tar and gzip; the shared one needs libxml2 and more
LDLIBS := -Wl,--gc-sections -l:libarchive.a -lbpf -lelf -lz -lm -lboost_json -lcapstone -lseccomp -lstdc++
SANITIZE := -g -O1 -U_FORTIFY_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
# truncation is judged from inlining, which differs under sanitizers
SANITIZE += -Wno-format-truncation
UNIT_CPPFLAGS := $(ALL_CPPFLAGS) -Itests/unit
DEPS = -MMD -MP

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2);)
# at the end of a recipe: its target is there only when it is complete
into = > $@.tmp && mv $@.tmp $@
# for what a recipe makes by another make: all processors, unless -j says how many
PARALLEL = $(if $(findstring --jobserver,$(MAKEFLAGS)),,-j$(shell nproc))
SUBMAKE = $(MAKE) --no-print-directory $(PARALLEL)

C_SRC := $(sort $(shell find src -name '*.c'))
CC_SRC := $(sort $(shell find src -name '*.cc'))
C_OBJ := $(C_SRC:src/%.c=$(B)/%.o)
CC_OBJ := $(CC_SRC:src/%.cc=$(B)/%.o)
OBJ := $(C_OBJ) $(CC_OBJ)
MAIN := $(B)/cmd/main.o
BPF := trace plain stats hold audit kcode follow
SKEL := $(BPF:%=$(B)/bpf/%.skel.h)

.PHONY: all static docs
all: $(B)/ovltrace docs
static: $(B)/ovltrace-static

## What is built with depends on the flags, and what is linked on the list of sources.

FLAGS := $(strip $(CC) $(CXX) $(CLANG) $(BPFTOOL) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_CXXFLAGS) \
	$(BPF_FLAGS) $(LDFLAGS))
SOURCES := $(strip $(C_SRC) $(CC_SRC))
ifneq ($(file <$(B)/flags),$(FLAGS))
$(B)/flags: FORCE
endif
ifneq ($(file <$(B)/sources),$(SOURCES))
$(B)/sources: FORCE
endif
.PHONY: FORCE
# make expands recipes under -n, too
dry = $(findstring n,$(firstword -$(MAKEFLAGS)))
$(B)/flags: | $(B)
	@:$(if $(dry),,$(file >$@,$(FLAGS)))
$(B)/sources: | $(B)
	@:$(if $(dry),,$(file >$@,$(SOURCES)))

$(B) $(B)/bpf:
	@mkdir -p $@

## The program

$(B)/ovltrace: $(OBJ) $(B)/sources
	$(call say,LD,$@)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -pie -o $@ $(OBJ) $(LDLIBS)

# at a fixed address: relocating all that is in it would cost 3 MB of memory
$(B)/ovltrace-static: $(OBJ) $(B)/sources
	$(call say,LD,$@)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -static -no-pie -o $@ $(OBJ) $(LDLIBS)

# Skeletons are order-only: the dependency files say which object includes which.
$(C_OBJ): $(B)/%.o: src/%.c $(B)/flags | $(SKEL)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(DEPS) -c -o $@ $<

# the one file in C++: the JSON parser
$(CC_OBJ): $(B)/%.o: src/%.cc $(B)/flags
	@mkdir -p $(@D)
	$(call say,CXX,$<)$(CXX) $(ALL_CPPFLAGS) $(ALL_CXXFLAGS) $(DEPS) -c -o $@ $<

# `report` spends its time in calls between these.
LTO := $(if $(findstring clang,$(CC) $(CXX)),,-flto=auto)
READER := src/util/json_read.cc src/util/lines.c $(wildcard src/record/*.c) \
	src/replay/replay.c src/replay/judge.c src/replay/evidence.c src/sink/timeline.c
READER_OBJ := $(patsubst src/%,$(B)/%.o,$(basename $(READER)))
$(READER_OBJ): ALL_CFLAGS += -O3 $(LTO)
$(READER_OBJ): ALL_CXXFLAGS += -O3 $(LTO)

.SECONDEXPANSION:
$(BPF:%=$(B)/bpf/%.full.o): $(B)/bpf/%.full.o: bpf/$$*/$$*.bpf.c $(B)/flags | $(B)/bpf
	$(call say,BPF,$<)$(CLANG) $(BPF_FLAGS) $(DEPS) -c -o $@ $<

# without DWARF, which only makes the program larger; BTF stays
$(BPF:%=$(B)/bpf/%.bpf.o): %.bpf.o: %.full.o
	$(call say,STRIP,$@)$(BPFTOOL) gen object $@ $<

$(SKEL): $(B)/bpf/%.skel.h: $(B)/bpf/%.bpf.o
	$(call say,SKEL,$@)$(BPFTOOL) gen skeleton $< name $*_bpf $(into)

## Tools of the tests

TOOLS := $(B)/workload $(B)/ovltrace-wrong $(B)/ovltrace-costs $(B)/capture $(B)/mix $(B)/lock-fault \
	$(B)/slow-hold $(B)/empty-read \
	$(B)/overlay-tests
WORKLOAD_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/workload/*.c))
OVERLAY_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/overlay/*.c))
TOOL_OBJ := $(WORKLOAD_OBJ) $(OVERLAY_OBJ) $(B)/tests/vm/wrong_plan.o $(B)/tests/vm/program_costs.o $(B)/tests/vm/mix.o $(B)/tests/vm/lock_fault.o \
	$(B)/tests/vm/slow_hold.o $(B)/tests/vm/empty_read.o \
	$(B)/tests/capture/capture.o $(B)/tests/unit/fixture.o

.PHONY: tools
tools: all static $(TOOLS)

$(TOOL_OBJ): $(B)/tests/%.o: tests/%.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(UNIT_CPPFLAGS) $(ALL_CFLAGS) $(DEPS) -c -o $@ $<
$(WORKLOAD_OBJ): ALL_CFLAGS += -std=c11 -Werror -pthread

$(B)/workload: $(WORKLOAD_OBJ)
	$(call say,LD,$@)$(CC) -pthread -static -o $@ $^

# Tests of overlayfs, to be run under a trace
$(B)/overlay-tests: $(OVERLAY_OBJ)
	$(call say,LD,$@)$(CC) -static -o $@ $^

# Its plan can be made wrong, and its programs unfit.
$(B)/ovltrace-wrong: $(B)/tests/vm/wrong_plan.o $(OBJ) $(B)/sources
	$(call say,LD,$@)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -static -Wl,--wrap=plan__make \
		-Wl,--wrap=bpf_object__load_skeleton -o $@ \
		$(filter %.o,$^) $(LDLIBS)

# It says what its programs cost.
$(B)/ovltrace-costs: $(B)/tests/vm/program_costs.o $(OBJ) $(B)/sources
	$(call say,LD,$@)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -static \
		-Wl,--wrap=bpf_object__load_skeleton -o $@ $(filter %.o,$^) $(LDLIBS)

# Takes one kind of directory for the other.
$(B)/mix: $(B)/tests/vm/mix.o
	$(call say,LD,$@)$(CC) -static -o $@ $^

# Lists directories without room for a name.
$(B)/empty-read: $(B)/tests/vm/empty_read.o
	$(call say,LD,$@)$(CC) -static -o $@ $^

# Holds the lock of a directory.
$(B)/slow-hold: $(B)/tests/vm/slow_hold.o
	$(call say,LD,$@)$(CC) -static -pthread -o $@ $^

# Takes a lock where none may be taken.
$(B)/lock-fault: $(B)/tests/vm/lock_fault.o
	$(call say,LD,$@)$(CC) -static -o $@ $^ $(LDLIBS)

# What the plan sees of a kernel, as a fixture: tests/unit/fixtures/README.md
$(B)/capture: $(B)/tests/capture/capture.o $(B)/tests/unit/fixture.o $(filter-out $(MAIN),$(OBJ)) $(B)/sources
	$(call say,LD,$@)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -static -o $@ $(filter %.o,$^) $(LDLIBS)

## Unit tests, under ASan and UBSan. T=TEXT: only those with TEXT in room/name.

UNIT := $(B)/unit
UNIT_SRC := $(sort $(wildcard tests/unit/*/*_test.c))
UNIT_ALL := $(patsubst tests/unit/%.c,$(UNIT)/%,$(UNIT_SRC))
UNIT_RUN := $(if $(T),$(foreach t,$(UNIT_ALL),$(if $(findstring $(T),$(t:$(UNIT)/%=%)),$(t))),$(UNIT_ALL))
UNIT_HELP := $(patsubst tests/unit/%.c,$(UNIT)/%.o,$(wildcard tests/unit/*.c))
UNIT_C := $(patsubst tests/unit/%.c,$(UNIT)/%.o,$(wildcard tests/unit/*.c tests/unit/*/*.c))
UNIT_OBJ := $(patsubst $(B)/%,$(UNIT)/src/%,$(filter-out $(MAIN),$(OBJ)))
# a room's helpers are linked only into its own tests
room_help = $(patsubst tests/unit/%.c,$(UNIT)/%.o,$(filter-out %_test.c,$(wildcard tests/unit/$(dir $(1))*.c)))

$(filter-out $(CC_OBJ:$(B)/%=$(UNIT)/src/%),$(UNIT_OBJ)): $(UNIT)/src/%.o: src/%.c $(B)/flags | $(SKEL)
	@mkdir -p $(@D)
	$(call say,CC,"$< (unit)")$(CC) $(UNIT_CPPFLAGS) $(ALL_CFLAGS) $(SANITIZE) -Werror $(DEPS) -c -o $@ $<

$(CC_OBJ:$(B)/%=$(UNIT)/src/%): $(UNIT)/src/%.o: src/%.cc $(B)/flags
	@mkdir -p $(@D)
	$(call say,CXX,"$< (unit)")$(CXX) $(UNIT_CPPFLAGS) $(ALL_CXXFLAGS) $(SANITIZE) -Werror $(DEPS) -c -o $@ $<

$(UNIT_C): $(UNIT)/%.o: tests/unit/%.c $(B)/flags | $(SKEL)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(UNIT_CPPFLAGS) $(ALL_CFLAGS) $(SANITIZE) -Werror $(DEPS) -c -o $@ $<

# Only what a test uses is linked, so that a test can replace the rest.
$(UNIT)/src.a: $(UNIT_OBJ) $(B)/sources
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $(UNIT_OBJ)
$(UNIT)/help.a: $(UNIT_HELP)
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^
AR ?= ar

$(UNIT_ALL): $(UNIT)/%: $(UNIT)/%.o $$(call room_help,$$*) $(UNIT)/help.a $(UNIT)/src.a
	$(call say,LD,$@)$(CC) $(SANITIZE) -o $@ $^ $(LDLIBS)

# It reads the man pages and the completions.
$(UNIT)/cmd/registry_test: | docs
$(UNIT)/cmd/registry_test.o: UNIT_CPPFLAGS += -DBUILD_DIR='"$(B)"'

.PHONY: unit unit-programs lint check golden check-golden
unit-programs: $(UNIT_RUN)

unit: $(if $(T),,check-golden)
	+$(Q)$(SUBMAKE) unit-programs
	$(Q)tests/unit/run.sh $(UNIT) $(T)

# Layers, purity, sizes, format, licences, shell: docs/testing.md
lint: $(B)/ovltrace
	$(Q)tests/lint/docs-paths.sh
	$(Q)python3 tests/lint/lint.py $(B)

check:
	+$(Q)$(SUBMAKE) all
	+$(Q)$(MAKE) --no-print-directory lint
	+$(Q)$(MAKE) --no-print-directory unit

# What `report` writes, compared with tests/golden/want/; golden refreshes these and shows the difference
check-golden: $(B)/ovltrace
	$(Q)tests/golden/run.sh $(B)

golden: $(B)/ovltrace $(UNIT)/check/forms_test
	$(Q)tests/golden/run.sh $(B) --refresh

## Fuzzers, TIME seconds each. T=TEXT: only those with TEXT in their names.

FUZZ := $(B)/fuzz
FUZZERS := btf code events kmsg ktap mounts overlays recording symbols
FUZZ_ALL := $(FUZZERS:%=$(FUZZ)/%)
FUZZ_OBJ := $(patsubst $(B)/%,$(FUZZ)/src/%,$(filter-out $(MAIN),$(OBJ)))
FUZZ_C := $(patsubst tests/fuzz/%.c,$(FUZZ)/%.o,$(wildcard tests/fuzz/*.c))
FUZZ_HELP := $(filter-out $(FUZZERS:%=$(FUZZ)/%.o),$(FUZZ_C))
FUZZ_FLAGS := -g -O1 $(WERROR) -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
# the search follows our code, not that of the oracles
COVERED := -fsanitize=fuzzer-no-link
TIME ?= 60

$(filter-out $(CC_OBJ:$(B)/%=$(FUZZ)/src/%),$(FUZZ_OBJ)): $(FUZZ)/src/%.o: src/%.c $(B)/flags | $(SKEL)
	@mkdir -p $(@D)
	$(call say,CLANG,"$< (fuzz)")$(CLANG) $(ALL_CPPFLAGS) -std=gnu11 $(FUZZ_FLAGS) $(COVERED) $(DEPS) -c -o $@ $<

$(CC_OBJ:$(B)/%=$(FUZZ)/src/%): $(FUZZ)/src/%.o: src/%.cc $(B)/flags
	@mkdir -p $(@D)
	$(call say,CLANG,"$< (fuzz)")$(CLANG)++ $(ALL_CPPFLAGS) -std=gnu++17 $(FUZZ_FLAGS) $(COVERED) $(DEPS) -c -o $@ $<

$(FUZZ_C): $(FUZZ)/%.o: tests/fuzz/%.c $(B)/flags | $(SKEL)
	@mkdir -p $(@D)
	$(call say,CLANG,$<)$(CLANG) $(ALL_CPPFLAGS) -std=gnu11 -Wall -Wextra $(FUZZ_FLAGS) $(DEPS) -c -o $@ $<

$(FUZZ)/src.a: $(FUZZ_OBJ) $(B)/sources
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $(FUZZ_OBJ)
$(FUZZ)/help.a: $(FUZZ_HELP)
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

$(FUZZ_ALL): $(FUZZ)/%: $(FUZZ)/%.o $(FUZZ)/help.a $(FUZZ)/src.a
	$(call say,LD,$@)$(CLANG)++ -fsanitize=fuzzer,address,undefined -o $@ $^ $(LDLIBS)

## Static analysis, which takes minutes: part of test-kernels, not of lint

.PHONY: analyze
analyze: $(SKEL)
	$(Q)tests/setup.sh build analyze
	tests/analyze/run.sh $(B)

.PHONY: fuzz fuzz-programs
fuzz-programs: $(FUZZ_ALL)

fuzz:
	$(Q)tests/setup.sh build fuzz
	+$(Q)$(SUBMAKE) fuzz-programs
	tests/fuzz/run.sh $(FUZZ) $(TIME) $(T)

## Tests that need a machine; each installs the packages that it lacks.

.PHONY: setup test test-kernels test-locks demo bench programs matrix kernel check-kernel check-series \
	check-schedules check-mutations
setup:
	tests/setup.sh build $(CROSS:%=cross-%)

test:
	tests/setup.sh build lint lab test
	+$(SUBMAKE) tools unit-programs
	tests/run.sh $(B) core

test-kernels:
	tests/setup.sh build lab test matrix fuzz analyze cross-arm64 lab-arm64
	+$(SUBMAKE) tools unit-programs fuzz-programs
	+$(SUBMAKE) ARCH=arm64 B=$(B)-arm64 static $(B)-arm64/workload
	tests/run.sh $(B) kernels

# On a kernel with lockdep, which takes a quarter of an hour to build. RUNS of each command.
RUNS ?= 5
test-locks:
	tests/setup.sh build lab kernel
	+$(SUBMAKE) tools
	OVLTRACE_LOCKS_RUNS=$(RUNS) tests/run.sh $(B) locks

demo:
	tests/setup.sh build lab
	+$(SUBMAKE) -s all static $(B)/workload
	tests/demo.sh $(B)

bench:
	tests/setup.sh build lab bench $(CROSS:%=cross-%) $(CROSS:%=lab-%)
	+$(SUBMAKE) -s static $(B)/workload
	tests/bench/run.sh $(B)

# What each BPF program costs to load, into docs/programs.md
programs:
	tests/setup.sh build lab
	+$(SUBMAKE) -s tools
	tests/vm/programs.sh $(B)

matrix:
	tests/setup.sh build lab kernel matrix $(CROSS:%=cross-%) $(CROSS:%=lab-%)
	+$(SUBMAKE) -s static $(B)/workload
	tests/matrix/run.sh $(B)

# A whole kernel, from Debian's sources or from KDIR, which stays as it is. Prints its path.
CONFIG ?= debug
VARIANT ?= $(if $(KDIR),untouched,racy)
kernel:
	$(Q)tests/setup.sh lab kernel
	$(Q)dir=$$(tests/lab/linux.sh $(if $(KDIR),--source "$(KDIR)") $(CONFIG) $(VARIANT)) && echo "$$dir/vmlinuz"

# CHECK may hold options of `ovltrace check`. Exit status: see docs/check.md
check-kernel:
	+$(SUBMAKE) -s static
	tests/check/kernel.sh $(B) $(KERNEL) "$(MODULES)" $(CHECK)

BOOTS ?= 20
check-series:
	tests/setup.sh build lab matrix
	+$(SUBMAKE) -s static
	tests/check/series.sh $(B) $(BOOTS)

# Schedules on each variant, in many boots, the first WHOLE of them in the whole scope; and what the smallest scopes find of all variants
WHOLE ?= 1
check-schedules:
	tests/setup.sh build lab matrix
	+$(SUBMAKE) -s static
	tests/check/schedules.sh $(B) $(BOOTS) $(WHOLE)

check-mutations:
	tests/setup.sh build lab
	+$(SUBMAKE) -s static
	tests/check/mutations.sh $(B)

## Man pages and completions, from the option tables

DOCS_SRC := $(wildcard docs/gen/*.c)
MAN := $(patsubst %.in,$(B)/%,$(wildcard man/*.8.in))
docs: $(MAN) $(B)/completions/ovltrace.bash $(B)/completions/_ovltrace $(B)/completions/ovltrace.fish

$(B)/gen-docs: $(DOCS_SRC) docs/gen/docs.h $(filter-out $(MAIN),$(OBJ)) $(B)/flags $(B)/sources
ifeq ($(CROSS),)
	$(call say,CC,$@)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(DOCS_SRC) $(filter %.o,$^) $(LDLIBS)
else
# it runs here, and writes the same as one for the other architecture would
	+$(Q)$(SUBMAKE) ARCH=$(HOST_ARCH) CROSS_COMPILE= B=$(HOST_BUILD) $(HOST_BUILD)/gen-docs
	$(Q)cp $(HOST_BUILD)/gen-docs $@
endif

$(B)/completions/ovltrace.bash: completions/ovltrace.bash.in $(B)/gen-docs
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(B)/gen-docs bash < $< $(into)

$(B)/completions/_ovltrace: completions/_ovltrace.in $(B)/gen-docs
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(B)/gen-docs zsh < $< $(into)

$(B)/completions/ovltrace.fish: completions/ovltrace.fish.in $(B)/gen-docs
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(B)/gen-docs fish < $< $(into)

$(MAN): $(B)/man/ovltrace%8: man/ovltrace%8.in $(B)/gen-docs
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(B)/gen-docs man $(patsubst -%.,%,$(filter-out .,$*)) < $< $(into)

## Install

.PHONY: install uninstall dist dist-static deb test-systemd test-podman test-container test-packages format clean help
VERSION := $(shell sed -n 's/.*OVLTRACE_VERSION "\(.*\)"/\1/p' src/util/version.h)

# source:mode:where below PREFIX
INSTALLED := $(B)/ovltrace:755:bin/ovltrace \
	$(foreach m,$(notdir $(MAN)),$(B)/man/$m:644:share/man/man8/$m) \
	$(B)/completions/ovltrace.bash:644:share/bash-completion/completions/ovltrace \
	$(B)/completions/_ovltrace:644:share/zsh/vendor-completions/_ovltrace \
	$(B)/completions/ovltrace.fish:644:share/fish/vendor_completions.d/ovltrace.fish \
	$(foreach s,$(notdir $(wildcard schema/*.json)),schema/$s:644:share/ovltrace/$s)
part = $(word $(2),$(subst :, ,$(1)))

install: $(foreach i,$(INSTALLED),$(call part,$i,1))
	$(Q)set -e; for i in $(INSTALLED); do IFS=: read -r src mode dst <<< "$$i"; \
		install -D -m $$mode "$$src" "$(DESTDIR)$(PREFIX)/$$dst"; done
install: SHELL := /bin/bash

uninstall:
	rm -f $(foreach i,$(INSTALLED),"$(DESTDIR)$(PREFIX)/$(call part,$i,3)")
	-rmdir --ignore-fail-on-non-empty "$(DESTDIR)$(PREFIX)/share/ovltrace"

# The same commit gives the same bytes.
dist: | $(B)
	@test -e .git || { echo 'make dist needs a git clone: it packs the last commit' >&2; exit 1; }
	git archive --format=tar --prefix=ovltrace-$(VERSION)/ HEAD | gzip -9n > $(B)/ovltrace-$(VERSION).tar.gz

# The static program with its pages: the same commit gives the same bytes, wherever it is built.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2> /dev/null || date +%s)
STATIC := ovltrace-$(VERSION)-linux-$(shell uname -m)
dist-static: $(B)/ovltrace-static docs
	$(Q)rm -rf $(B)/$(STATIC) && mkdir -p $(B)/$(STATIC)
	# the build id depends on the debugging information, which has the directory
	$(Q)strip --remove-section=.note.gnu.build-id -o $(B)/$(STATIC)/ovltrace $(B)/ovltrace-static
	$(Q)cp -r $(B)/man $(B)/completions schema docs README.md SECURITY.md CHANGELOG.md LICENSE $(B)/$(STATIC)/
	$(Q)rm -rf $(B)/$(STATIC)/docs/gen
	tar -C $(B) --sort=name --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw,a-s \
		--mtime=@$(SOURCE_DATE_EPOCH) -cf - $(STATIC) | gzip -9n > $(B)/$(STATIC).tar.gz

# A binary package of the files in this tree, in $(B)/deb/.
deb:
	$(Q)tests/setup.sh build package
	tests/package/build.sh $(B)/deb

# The unit as it is, in a machine of Debian with systemd.
test-systemd: deb
	$(Q)tests/setup.sh build lab package
	+$(SUBMAKE) tools
	tests/vm/run.sh $(B) systemd

# Containers of root's podman and of a user's, in a machine of Debian with systemd.
test-podman:
	$(Q)tests/setup.sh build lab package
	+$(SUBMAKE) tools
	tests/vm/run.sh $(B) podman

# The image of docs/examples/, without a builder of images.
test-container:
	$(Q)tests/setup.sh build lab package
	+$(SUBMAKE) tools
	tests/package/container.sh $(B)

test-packages:
	$(Q)tests/setup.sh build package
	tests/package/test.sh $(B)

# Needs node.js and, for speedscope, the npm registry; it installs nothing in this tree.
test-speedscope: all
	tests/report/speedscope.sh $(B)

format:
	find bpf docs include src tests -name '*.[ch]' -o -name '*.cc' | xargs clang-format -i

clean:
	rm -rf $(B)

help:
	@echo 'make [all]         $(B)/ovltrace'
	@echo 'make static        $(B)/ovltrace-static, for a bare initramfs'
	@echo 'make demo          the main job on real input; installs what it needs'
	@echo 'make check         lint and unit tests, in less than a minute'
	@echo 'make lint          layers, purity, sizes, format, licences, shell'
	@echo 'make unit [T=TEXT] the unit tests (with TEXT in room/name)'
	@echo 'make golden        refresh tests/golden/want/ and show the difference'
	@echo 'make analyze       clang-tidy, cppcheck, clang and gcc -fanalyzer'
	@echo 'make fuzz TIME=60 [T=TEXT]   the fuzzers, so many seconds each'
	@echo 'make test          check, reports, and one kernel in a virtual machine'
	@echo 'make test-kernels  all other kernels and variants'
	@echo 'make test-locks    every command, RUNS=5 times, on a kernel with lockdep'
	@echo 'make matrix        trace on all kernels; writes docs/matrix.md'
	@echo 'make bench         what tracing costs'
	@echo 'make programs      what the BPF programs cost to load'
	@echo 'make kernel CONFIG=debug|rt|clang|kcov VARIANT=racy [KDIR=DIR]   build a kernel, print its path'
	@echo 'make check-kernel KERNEL=bzImage MODULES=DIR   `ovltrace check` on a kernel of yours'
	@echo 'make check-series BOOTS=20   `ovltrace check` on ten kernels, each booted so often'
	@echo 'make check-schedules BOOTS=10 WHOLE=1   schedules on seven variants of 6.12, 7.3 and 6.1'
	@echo 'make check-mutations       what the smallest scopes find of each laboratory variant'
	@echo 'make setup         install the packages that the build needs'
	@echo 'make install, uninstall DESTDIR= PREFIX=/usr'
	@echo 'make dist-static   a tarball of the static program and its pages'
	@echo 'make deb           a Debian package in $(B)/deb/'
	@echo 'make test-packages   both, checked by lintian, installed, purged, built twice'
	@echo 'make test-systemd    the package and its unit in a machine with systemd'
	@echo 'make test-podman     which container is slow, and which lists wrongly, as the commands say it'
	@echo 'make test-container  the image of docs/examples/, in a chroot and in a machine'
	@echo 'make dist          a tarball of the last commit'
	@echo 'make format, clean'
	@echo 'make ARCH=arm64    builds for arm64, in build-arm64; likewise other targets'
	@echo 'B=DIR builds there; V=1 shows commands; CI=1 makes warnings errors'

# A source that was moved or removed: what depended on it is built again.
bpf/%.c bpf/%.h src/%.c src/%.h tests/%.c tests/%.h: ;

-include $(OBJ:.o=.d) $(TOOL_OBJ:.o=.d) $(UNIT_OBJ:.o=.d) $(UNIT_C:.o=.d) $(FUZZ_OBJ:.o=.d) $(FUZZ_C:.o=.d) $(BPF:%=$(B)/bpf/%.full.d)
