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
LDLIBS := -lbpf -lelf -lz -lm

# Decisions: no libbpf, no system calls. They are tested on the host.
PURE := check_judge code detect detect_stale_impure_clear detect_stale_store \
	detect_unfreed_cache hazard json ksyms layout ledger model names order plan plan_sites rebuild text
SRC := $(PURE) attach check_area check_dirs check_engine check_json check_junit check_ktap \
	check_probe check_race check_scenarios check_sink check_stuck check_view child cmd_check cmd_doctor cmd_run kernel main options session sink_jsonl \
	sink_text timeline where
OBJ := $(SRC:%=$(B)/%.o)
SKEL := $(B)/bpf/ovltrace.skel.h $(B)/bpf/kcode.skel.h $(B)/bpf/check.skel.h

.PHONY: all static install test demo bench check-kernel setup clean format help unit
.DELETE_ON_ERROR:

all: $(B)/ovltrace

static: $(B)/ovltrace-static

$(B)/ovltrace: $(OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/ovltrace-static: $(OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -static -o $@ $^ $(LDLIBS)

$(B)/%.o: src/%.c $(SKEL) | $(B)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/bpf/%.bpf.o: bpf/%.bpf.c | $(B)/bpf
	$(CLANG) -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -I. -Iinclude -Wall -Werror \
		-MMD -MP -c -o $@ $<

$(B)/bpf/%.skel.h: $(B)/bpf/%.bpf.o
	$(BPFTOOL) gen skeleton $< name $*_bpf > $@

.PRECIOUS: $(B)/bpf/%.bpf.o

$(B) $(B)/bpf:
	mkdir -p $@

$(B)/workload: $(wildcard tests/workload/*.c) tests/workload/workload.h | $(B)
	$(CC) -std=c11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -pthread -static -o $@ \
		$(filter %.c,$^)

# Packages that are missing; needs root and a Debian 12.
setup:
	tests/setup.sh build

test:
	tests/setup.sh build test
	$(MAKE) --no-print-directory all static $(B)/workload
	tests/run.sh $(B)

demo:
	tests/setup.sh build test
	$(MAKE) --no-print-directory -s all static $(B)/workload
	tests/demo.sh $(B)

# Costs, in instructions of a machine: docs/bench.md
bench:
	tests/setup.sh build test bench
	$(MAKE) --no-print-directory -s static $(B)/workload
	tests/bench/run.sh $(B)

# A kernel of your own: make check-kernel KERNEL=bzImage MODULES=directory
# CHECK may hold options of `ovltrace check`. Exit status: see docs/check.md
check-kernel:
	$(MAKE) --no-print-directory -s static
	tests/check/kernel.sh $(B) $(KERNEL) "$(MODULES)" $(CHECK)

unit: $(SKEL)
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

format:
	clang-format -i src/*.[ch] bpf/*.[ch] include/ovltrace/*.h tests/workload/*.[ch] tests/unit/*.[ch]

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile
	@echo 'make setup    the packages that are needed to build'
	@echo 'make unit     the tests that need no kernel, in seconds'
	@echo 'make check-kernel KERNEL=bzImage MODULES=directory'
	@echo 'make bench    what tracing costs; make install DESTDIR= PREFIX=/usr'

clean:
	rm -rf $(B)

-include $(wildcard $(B)/*.d $(B)/bpf/*.d)
