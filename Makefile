# SPDX-License-Identifier: GPL-2.0-only
#
# make          build/ovltrace
# make static   build/ovltrace-static, for a bare initramfs
# make test     all tests; `make demo`: the main job on real input
# make help     the rest

PREFIX ?= /usr
DESTDIR ?=
CC ?= gcc
CLANG ?= clang
BPFTOOL ?= bpftool
CFLAGS ?= -O2 -g
WERROR ?= $(if $(CI),-Werror)

B := build
CPPFLAGS += -D_GNU_SOURCE -Iinclude -Isrc -I$(B)/bpf
ALL_CFLAGS := -std=gnu11 -Wall -Wextra $(WERROR) $(CFLAGS)
LDLIBS := -lbpf -lelf -lz -lm -lboost_json -lstdc++
CXX ?= g++
CXXFLAGS ?= -O2 -g
ALL_CXXFLAGS := -std=gnu++17 -Wall -Wextra $(WERROR) $(CXXFLAGS)

SRC := $(shell find src -name '*.c' -o -name '*.cc')
OBJ := $(patsubst src/%,$(B)/%.o,$(basename $(SRC)))
MAIN := $(patsubst src/%.c,$(B)/%.o,src/cmd/main.c)
BPF := trace stats hold audit kcode
SKEL := $(BPF:%=$(B)/bpf/%.skel.h)

.PHONY: all static install test demo bench matrix check-kernel check-series setup clean format help unit golden check-golden
.DELETE_ON_ERROR:

all: $(B)/ovltrace

static: $(B)/ovltrace-static

$(B)/ovltrace: $(OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/ovltrace-static: $(OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -static -o $@ $^ $(LDLIBS)

# For a test only: its plan can be made wrong.
$(B)/ovltrace-wrong: $(OBJ) tests/vm/wrong_plan.c
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -static -Wl,--wrap=plan__make -o $@ $^ $(LDLIBS)

# For a test only: takes one kind of directory for the other.
$(B)/mix: tests/vm/mix.c | $(B)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -static -o $@ $<

# Which skeletons a file includes, its .d says.
$(B)/%.o: src/%.c | $(SKEL)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Reading a recording is one loop through these: calls among them are what costs most.
LTO := $(if $(findstring clang,$(CC) $(CXX)),,-flto=auto)
READER := src/util/json_read.cc src/record/read.c src/record/value.c src/record/form.c \
	src/record/form_parts.c src/record/form_events.c src/util/lines.c \
	src/replay/replay.c src/replay/judge.c src/replay/evidence.c src/sink/timeline.c src/record/names.c
READER_OBJ := $(patsubst src/%,$(B)/%.o,$(basename $(READER)))
$(READER_OBJ): ALL_CFLAGS += -O3 $(LTO)
$(READER_OBJ): ALL_CXXFLAGS += -O3 $(LTO)

# the one file in C++: the JSON parser
$(B)/%.o: src/%.cc
	@mkdir -p $(@D)
	$(CXX) -Isrc $(ALL_CXXFLAGS) -MMD -MP -c -o $@ $<

.SECONDEXPANSION:
$(B)/bpf/%.bpf.o: bpf/$$*/$$*.bpf.c | $(B)/bpf
	$(CLANG) -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -Ibpf -Iinclude -Wall -Werror \
		-MMD -MP -c -o $@ $<

$(B)/bpf/%.skel.h: $(B)/bpf/%.bpf.o
	$(BPFTOOL) gen skeleton $< name $*_bpf > $@

.PRECIOUS: $(B)/bpf/%.bpf.o

$(B) $(B)/bpf:
	mkdir -p $@

$(B)/workload: $(wildcard tests/workload/*.c) tests/workload/workload.h | $(B)
	$(CC) -std=c11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -pthread -static -o $@ \
		$(filter %.c,$^)

# What the plan sees of a kernel, as a fixture: tests/unit/fixtures/README.md
$(B)/capture: tests/capture/capture.c tests/unit/fixture.c tests/unit/fixture.h \
		$(filter-out $(MAIN),$(OBJ))
	$(CC) $(CPPFLAGS) -Itests/unit $(ALL_CFLAGS) $(LDFLAGS) -static -o $@ $(filter-out %.h,$^) $(LDLIBS)

# Packages that are missing; needs root and a Debian 12.
setup:
	tests/setup.sh build

test:
	tests/setup.sh build lab test
	$(MAKE) --no-print-directory all static $(B)/workload $(B)/ovltrace-wrong $(B)/capture $(B)/mix
	tests/run.sh $(B)

demo:
	tests/setup.sh build lab
	$(MAKE) --no-print-directory -s all static $(B)/workload
	tests/demo.sh $(B)

# Costs, in instructions of a machine: docs/bench.md
bench:
	tests/setup.sh build lab bench
	$(MAKE) --no-print-directory -s static $(B)/workload
	tests/bench/run.sh $(B)

# What is seen on which kernel, and whether it is the truth: docs/matrix.md
matrix:
	tests/setup.sh build lab matrix
	$(MAKE) --no-print-directory -s static $(B)/workload
	tests/matrix/run.sh $(B)

# A kernel of your own: make check-kernel KERNEL=bzImage MODULES=directory
# CHECK may hold options of `ovltrace check`. Exit status: see docs/check.md
check-kernel:
	$(MAKE) --no-print-directory -s static
	tests/check/kernel.sh $(B) $(KERNEL) "$(MODULES)" $(CHECK)

# `ovltrace check` on ten kernels, BOOTS times each (20: an hour or two): docs/check.md
BOOTS ?= 20
check-series:
	tests/setup.sh build lab matrix
	$(MAKE) --no-print-directory -s static
	tests/check/series.sh $(B) $(BOOTS)

# What `report` writes, compared with tests/golden/want/; golden refreshes these and shows the difference
check-golden: $(B)/ovltrace
	tests/golden/run.sh $(B)

golden: $(B)/ovltrace
	tests/golden/run.sh $(B) --refresh

unit: $(SKEL) check-golden
	tests/unit/run.sh $(B)/unit

install: $(B)/ovltrace
	install -D -m 755 $(B)/ovltrace $(DESTDIR)$(PREFIX)/bin/ovltrace
	install -D -m 644 man/ovltrace.8 $(DESTDIR)$(PREFIX)/share/man/man8/ovltrace.8
	install -D -m 644 completions/ovltrace.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/ovltrace
	install -D -m 644 completions/_ovltrace \
		$(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_ovltrace
	install -D -m 644 schema/ovltrace-1.schema.json \
		$(DESTDIR)$(PREFIX)/share/ovltrace/ovltrace-1.schema.json
	install -D -m 644 schema/ovltrace-audit-1.schema.json \
		$(DESTDIR)$(PREFIX)/share/ovltrace/ovltrace-audit-1.schema.json
	install -D -m 644 schema/ovltrace-doctor-1.schema.json \
		$(DESTDIR)$(PREFIX)/share/ovltrace/ovltrace-doctor-1.schema.json

format:
	clang-format -i $(shell find src bpf -name '*.[ch]') include/ovltrace/*.h tests/workload/*.[ch] tests/unit/*.[ch]

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile
	@echo 'make setup    the packages that are needed to build'
	@echo 'make unit     the tests that need no kernel, in seconds'
	@echo 'make golden   refreshes tests/golden/want/ and shows the difference'
	@echo 'make matrix   traces on all kernels; writes docs/matrix.md'
	@echo 'make check-kernel KERNEL=bzImage MODULES=directory'
	@echo 'make check-series BOOTS=20   check on ten kernels, as many boots of each'
	@echo 'make bench    what tracing costs; make install DESTDIR= PREFIX=/usr'

clean:
	rm -rf $(B)

-include $(OBJ:.o=.d) $(wildcard $(B)/bpf/*.d)
