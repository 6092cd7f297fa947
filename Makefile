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
PURE := code detect detect_stale_impure_clear detect_stale_store \
	detect_unfreed_cache json ksyms layout ledger model names order plan
SRC := $(PURE) attach child cmd_run kernel main options session sink_jsonl \
	sink_text timeline where
OBJ := $(SRC:%=$(B)/%.o)
SKEL := $(B)/bpf/ovltrace.skel.h $(B)/bpf/kcode.skel.h

.PHONY: all static install test demo bench setup clean format help unit
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
	$(CLANG) -O2 -g -target bpf -D__TARGET_ARCH_x86 -I. -Iinclude -Wall -Werror \
		-MMD -MP -c -o $@ $<

$(B)/bpf/%.skel.h: $(B)/bpf/%.bpf.o
	$(BPFTOOL) gen skeleton $< name $*_bpf > $@

.PRECIOUS: $(B)/bpf/%.bpf.o

$(B) $(B)/bpf:
	mkdir -p $@

$(B)/workload: $(wildcard tests/workload/*.c) tests/workload/workload.h | $(B)
	$(CC) -std=c11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -pthread -static -o $@ \
		$(filter %.c,$^)

clean:
	rm -rf $(B)

-include $(wildcard $(B)/*.d $(B)/bpf/*.d)
