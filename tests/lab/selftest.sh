#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tests of the laboratory itself: a laboratory that calls a failed run a success
# makes every other test worthless.
#
#   selftest.sh [VERSION]
set -euo pipefail
. "$(dirname "$0")/lib.sh"

VERSION=${1:-6.12}
PASSED=0 FAILED=0 SKIPPED=0
DIR=$(mktemp -d "${TMPDIR:-/tmp}/lab-selftest.XXXXXX")
trap 'rm -rf "$DIR"' EXIT

ok() {
	PASSED=$((PASSED + 1))
	echo "ok $1"
}

# not_ok WHAT WHY
not_ok() {
	FAILED=$((FAILED + 1))
	echo "not ok $1: $2"
	sed 's/^/  | /' "$DIR/stderr" 2>/dev/null | tail -n 30 >&2 || true
}

vm() {
	"$LAB_DIR/vm.sh" --kernel "$VERSION" --overlay none --timeout 120 --keep-log "$DIR/console" "$@" \
		>"$DIR/stdout" 2>"$DIR/stderr"
}

# expect WHAT STATUS VM-ARGUMENT…
expect() {
	local what=$1 want=$2 got=0
	shift 2
	vm "$@" || got=$?
	if [ "$got" -eq "$want" ]; then
		ok "$what"
	else
		not_ok "$what" "status $got, not $want"
	fi
}

# said WHAT PATTERN: vm.sh's last diagnostics name the reason.
said() {
	if grep -q -- "$2" "$DIR/stderr"; then
		ok "$1"
	else
		not_ok "$1" "no '$2' in the diagnostics"
	fi
}

test_statuses() {
	expect "status 0 arrives" 0 -- 'true'
	expect "status 7 arrives" 7 -- 'exit 7'
	expect "a status above 123 stays below the laboratory's own" 123 -- 'kill -KILL $$'
	expect "a lost status is an error" 125 -- 'poweroff -f'
	said "a lost status is named" 'status lost'
	expect "a timeout is an error" 125 --timeout 12 -- 'sleep 1000'
	said "a timeout is named" 'timeout: '
	expect "a machine that can't start is an error" 125 --mem 1 -- 'true'
	expect "a console that shows no boot is an error" 125 --append quiet -- 'true'
}

test_splats() {
	expect "a crash is seen" 124 -- 'echo c >/proc/sysrq-trigger'
	expect "BUG: is seen" 124 -- 'echo "BUG: made up" >/dev/kmsg'
	expect "WARNING: is seen, whatever the status" 124 -- 'echo "WARNING: made up" >/dev/kmsg; exit 3'
	expect "a splat before a timeout is seen" 124 --timeout 30 -- \
		'echo "INFO: rcu_preempt self-detected stall on CPU" >/dev/kmsg; sleep 1000'
	expect "a program's crash is none" 0 -- 'sh -c "kill -SEGV \$\$"; echo "traps: a[7] general protection fault ip:0" >/dev/kmsg'
}

# The splat check alone, on logs that no machine should have to produce.
test_splat_check() {
	local status line
	status=0
	"$LAB_DIR/splats.sh" "$DIR/missing" >/dev/null || status=$?
	if [ "$status" -eq 2 ]; then ok "no log fails closed"; else not_ok "no log fails closed" "status $status"; fi
	status=0
	: >"$DIR/empty"
	"$LAB_DIR/splats.sh" "$DIR/empty" >/dev/null || status=$?
	if [ "$status" -eq 2 ]; then ok "an empty log fails closed"; else not_ok "an empty log fails closed" "status $status"; fi
	while read -r line; do
		status=0
		printf '[    0.000000] Linux version 6\n[    1.5] %s\n' "$line" >"$DIR/log"
		"$LAB_DIR/splats.sh" "$DIR/log" >/dev/null || status=$?
		if [ "$status" -eq 1 ]; then ok "seen: $line"; else not_ok "seen: $line" "status $status"; fi
	done <<-'END'
		Oops: int3: 0000 [#1] PREEMPT SMP
		WARNING: CPU: 0 PID: 1 at fs/overlayfs/readdir.c:244 ovl_cache_put+0x1/0x2 [overlay]
		BUG: KASAN: slab-use-after-free in ovl_iterate+0x1/0x2
		WARNING: possible circular locking dependency detected
		INFO: task ovl:12 blocked for more than 120 seconds.
		rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
		Oops: general protection fault, probably for non-canonical address
		Kernel panic - not syncing: Fatal exception
		list_del corruption. prev->next should be 1, but was 2
		PANIC: double fault, error_code: 0x0
		kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
		kmemleak: Memory pool empty, consider increasing CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE
		kmemleak: Kernel memory leak detector disabled
		CFI failure at ovl_iterate+0x10/0x20 (target: ovl_fill_merge+0x0/0x30; expected type: 0x1)
	END
	status=0
	printf '[    0.000000] Linux version 6\n[    1.5] kmemleak: 3 new suspected memory leaks\n[    0.0] kmemleak: Kernel memory leak detector disabled\n' >"$DIR/log"
	"$LAB_DIR/splats.sh" --leaks "$DIR/log" >/dev/null || status=$?
	if [ "$status" -eq 0 ]; then ok "expected leaks are no complaint"; else not_ok "expected leaks are no complaint" "status $status"; fi
}

# oom NAME STATUS CONSTRAINT TIMES [LINE]: with --oom, after so many reports
oom() {
	local status=0 i
	{
		printf '[    0.0] Linux version 6\n'
		for ((i = 0; i < $4; i++)); do
			printf '[    1.0] %s\n' 'tail invoked oom-killer: gfp_mask=0xcc0' 'Call Trace:' \
				" oom_kill_process+0x1/0x2" "oom-kill:constraint=$3,task=tail" 'Killed process 9 (tail)'
		done
		[ $# -lt 5 ] || printf '[    2.0] %s\n' "$5"
	} >"$DIR/log"
	"$LAB_DIR/splats.sh" --oom "$DIR/log" >/dev/null || status=$?
	if [ "$status" -eq "$2" ]; then ok "--oom: $1"; else not_ok "--oom: $1" "status $status"; fi
}

test_oom() {
	local status=0
	oom "an expected report is no complaint" 0 CONSTRAINT_MEMCG 1
	"$LAB_DIR/splats.sh" "$DIR/log" >/dev/null || status=$?
	if [ "$status" -eq 1 ]; then ok "without --oom it is one"; else not_ok "without --oom it is one" "status $status"; fi
	oom "of the whole machine it is one" 1 CONSTRAINT_NONE 1
	oom "so is a second report" 1 CONSTRAINT_MEMCG 2
	oom "so is a call trace after it" 1 CONSTRAINT_MEMCG 1 'Call Trace:'
	oom "so is a call trace without a report" 1 CONSTRAINT_MEMCG 0 'Call Trace:'
}

test_files() {
	head -c 3000000 /dev/urandom >"$DIR/in"
	mkdir -p "$DIR/tree/sub"
	echo deep >"$DIR/tree/sub/file"
	expect "files go in and out" 0 --put "$DIR/in" --put "$DIR/in:/data/other" --put "$DIR/tree" \
		--get-dir "$DIR/out" -- 'cmp /lab/in /data/other && cp in /out/back && cp -r tree /out'
	if cmp -s "$DIR/in" "$DIR/out/back" && [ "$(cat "$DIR/out/tree/sub/file" 2>/dev/null)" = deep ]; then
		ok "files are intact"
	else
		not_ok "files are intact" "they differ"
	fi
	# shellcheck disable=SC2016 # expanded in the guest
	expect "a dynamic program runs" 0 --put "$(command -v bash):/lab/" -- 'bash -c "[[ \$BASH_VERSION ]]"'
	expect "a file that isn't there is an error" 125 --put "$DIR/absent" -- 'true'
}

test_output() {
	local status=0
	vm -- 'echo out; echo err >&2; echo again >/dev/stderr; seq 100000' || status=$?
	if [ "$status" -eq 0 ] && { echo out && seq 100000; } | cmp -s - "$DIR/stdout"; then
		ok "standard output is complete and nothing else is in it"
	else
		not_ok "standard output is complete and nothing else is in it" "status $status"
	fi
	if [ "$(grep -cxE 'err|again' "$DIR/stderr")" -eq 2 ]; then
		ok "standard error is separate"
	else
		not_ok "standard error is separate" "wrong lines"
	fi
}

test_guest() {
	# shellcheck disable=SC2016 # expanded in the guest
	expect "the guest's root is not overlayfs, and what tools need is mounted" 0 -- '
		set -e
		! grep -q " / overlay " /proc/mounts
		[ "$(nproc)" = 2 ]
		for type in tracefs debugfs bpf cgroup2 tmpfs devtmpfs; do grep -q " $type " /proc/mounts; done
		[ -r /sys/kernel/btf/vmlinux ]
		! grep -q ^overlay /proc/modules'
	test_icount
}

# Two equal loops must cost about the same, and sleeping nothing.
test_icount() {
	local before=$SECONDS what="instructions are time with --icount" status=0
	# shellcheck disable=SC2016 # expanded in the guest
	vm --icount -- '
		for _ in 1 2; do
			read -r before _ </proc/uptime
			i=0
			while [ $i -lt 400000 ]; do i=$((i + 1)); done
			read -r after _ </proc/uptime
			echo "$before $after"
		done
		sleep 600' || status=$?
	if [ "$status" -ne 0 ] || [ $((SECONDS - before)) -gt 300 ]; then
		not_ok "$what" "status $status"
	elif awk '{ cost[NR] = $2 - $1 }
		END { exit !(NR == 2 && cost[1] > 0.1 && (cost[1] - cost[2]) ^ 2 < (cost[1] / 50) ^ 2) }' "$DIR/stdout"; then
		ok "$what"
	else
		not_ok "$what" "$(tr '\n' ' ' <"$DIR/stdout")"
	fi
}

test_variants() {
	local variant
	for variant in stock racy debian; do
		# shellcheck disable=SC2016 # expanded in the guest
		expect "overlay.ko $variant loads and mounts" 0 --overlay $variant -- '
			set -e
			cd /tmp && mkdir l u w m && mount -t overlay -o lowerdir=l,upperdir=u,workdir=w o m
			touch m/f && ls m'
	done
	if "$LAB_DIR/overlay.sh" "$VERSION" no-such >"$DIR/stdout" 2>"$DIR/stderr"; then
		not_ok "an unknown variant is an error" "status 0"
	else
		said "an unknown variant is an error" "variant 'no-such': unknown"
	fi
}

# An anchor that is missing, or there twice, must stop the edit.
test_edit() {
	local kernel change what
	kernel=$("$LAB_DIR/kernel.sh" fetch "$VERSION")
	for change in 's/ovl_clear_flag(OVL_IMPURE, inode);/other();/' 's/.*(&file->f_path, p, !p->ino);/&\n&/'; do
		rm -rf "$DIR/src"
		cp -r "$kernel/source/fs/overlayfs" "$DIR/src"
		sed -i "$change" "$DIR/src/readdir.c"
		cp "$DIR/src/readdir.c" "$DIR/before"
		what="the edit refuses sources changed by $change"
		if python3 -B "$LAB_DIR/edit" racy "$DIR/src" 2>"$DIR/stderr"; then
			not_ok "$what" "it went through"
		elif ! cmp -s "$DIR/before" "$DIR/src/readdir.c"; then
			not_ok "$what" "and left them half edited"
		else
			said "$what" 'times in .*, not once'
		fi
	done
}

# make_tree DIR: what linux.sh takes for a kernel. Its configuration is what was wanted,
# but for lines with $DROP; its image is overlayfs's readdir.c.
make_tree() {
	mkdir -p "$1/fs/overlayfs" "$1/mm"
	cp "$("$LAB_DIR/kernel.sh" fetch "$VERSION")"/source/fs/overlayfs/* "$1/fs/overlayfs"
	touch "$1/Kbuild" "$1/mm/tracked.c" "$1/mm/deleted.c" "$1/mm/object.o"
	echo '*.o' >"$1/.gitignore"
	cat >"$1/Makefile" <<-'END'
		allnoconfig: ; grep -v "DROPPED" $(KCONFIG_ALLCONFIG) >.config
		bzImage: ; set -e; mkdir -p arch/x86/boot include/config; cp /bin/true vmlinux; \
			cp fs/overlayfs/readdir.c arch/x86/boot/bzImage; touch System.map include/config/kernel.release
	END
	git -C "$1" init -q
	git -C "$1" add .
	touch "$1/mm/untracked.c"
	rm "$1/mm/deleted.c"
}

# own WHAT STATUS VARIANT: as `make kernel KDIR=`
own() {
	local status=0
	OVLTRACE_CACHE=$DIR/cache "$LAB_DIR/linux.sh" --source "$DIR/own" debug "$3" >"$DIR/stdout" 2>"$DIR/stderr" || status=$?
	if [ "$status" -eq "$2" ]; then ok "$1"; else not_ok "$1" "status $status, not $2"; fi
}

test_own_tree() {
	local tool image objects
	for tool in flex bison bc git; do
		command -v "$tool" >/dev/null && continue
		SKIPPED=$((SKIPPED + 1))
		echo "ok a kernel from a tree of your own # SKIP no $tool"
		return
	done
	make_tree "$DIR/own"
	cp -a "$DIR/own" "$DIR/own-before"
	own "a kernel is built from a tree of your own" 0 untouched
	image=$(cat "$DIR/stdout")/vmlinuz
	objects=$(echo "$DIR"/cache/linux/own-*-debug/tree)
	if cmp -s "$image" "$DIR/own/fs/overlayfs/readdir.c"; then ok "it is untouched"; else not_ok "it is untouched" "it differs"; fi
	if [ "$(cd "$objects/mm" && echo *)" = "tracked.c untracked.c" ]; then
		ok "sources are copied, objects are not"
	else
		not_ok "sources are copied, objects are not" "$(cd "$objects/mm" && echo *)"
	fi
	own "a variant is built from it" 0 racy
	if grep -q truth_ "$(cat "$DIR/stdout")/vmlinuz"; then ok "it has counters"; else not_ok "it has counters" "none"; fi
	if diff -r "$DIR/own" "$DIR/own-before" >/dev/null; then ok "the tree stays as it is"; else not_ok "the tree stays as it is" "it changed"; fi
	echo 'int changed;' >>"$DIR/own/mm/tracked.c"
	echo 'int changed;' >>"$DIR/own/fs/overlayfs/readdir.c"
	own "it is built again" 0 untouched
	if grep -q changed "$objects/mm/tracked.c" && grep -q changed "$image"; then ok "changes arrive"; else not_ok "changes arrive" "they do not"; fi
	sed -i s/DROPPED/KASAN_INLINE/ "$DIR/own/Makefile"
	own "an option that the tree lacks is no error" 0 untouched
	said "it is named" KASAN_INLINE
	sed -i s/KASAN_INLINE/OVERLAY_FS/ "$DIR/own/Makefile"
	# cpio compares whole seconds
	touch -d '+1 minute' "$DIR/own/Makefile"
	own "a tree without overlayfs is an error" 125 untouched
	said "overlayfs is named" OVERLAY_FS
}

# The pids of the machines that this shell's own runner started.
machines_of() {
	pgrep -P "$1" -f qemu-system || true
}

test_killed_runner() {
	local runner qemu="" what="the machine is gone when its runner is killed"
	"$LAB_DIR/vm.sh" --kernel "$VERSION" --overlay none -- 'sleep 1000' >/dev/null 2>&1 &
	runner=$!
	for _ in $(seq 100); do
		qemu=$(machines_of "$runner")
		[ -z "$qemu" ] || break
		sleep 0.2
	done
	if [ -z "$qemu" ]; then
		not_ok "$what" "it never started"
		kill "$runner" 2>/dev/null || true
		return
	fi
	kill -KILL "$runner"
	wait "$runner" 2>/dev/null || true
	for _ in $(seq 25); do
		kill -0 "$qemu" 2>/dev/null || break
		sleep 0.2
	done
	if kill -0 "$qemu" 2>/dev/null; then
		not_ok "$what" "$qemu is still there"
	else
		ok "$what"
	fi
}

test_splat_check
test_oom
test_edit
test_own_tree
test_statuses
test_splats
test_files
test_output
test_guest
test_variants
test_killed_runner
echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
[ "$FAILED" -eq 0 ]
