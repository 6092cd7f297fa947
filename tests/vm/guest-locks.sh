#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-locks.sh fault | COMMAND RUNS
# On a kernel with lockdep: no command makes it report what the untraced load does not.
# lockdep stops at its first report, so that `debug_locks` after the last run speaks for
# all. With `fault` a fault is planted, and must be noticed in the same way.
# A load of both kinds of directories runs from the first probe on, so that each run attaches
# to it, traces it and detaches from it; `idle` is without. The load stops while programs are
# loaded, which it does not meet: that would take three times as long.
. /lab/guest-lib.sh

STATS=/proc/lockdep_stats
name=$1 runs=$2

# complaints: how many lines of the kernel's log are one
complaints() {
	dmesg | grep -c -E 'WARNING: |BUG: |KASAN|inconsistent lock state|possible .* (deadlock|locking)|suspicious RCU'
}

# start DIR MODE OPTION...: a load in the background, at low priority for the tracer to get its turn
start() {
	mkdir -p "/mnt/$1"
	sh -c 'renice -n 19 -p $$ > /dev/null; dir=$1 mode=$2; shift 2
		exec /lab/workload --make "/mnt/$dir" --no-unshare --mode "$mode" --duration 100000 "$@" \
			> /dev/null' sh "$@" &
	loads="$loads $!"
	until [ -d "/mnt/$1/merged" ]; do sleep 0.2; done
}

# probes: how many kprobes and traced functions the kernel has
probes() {
	cat /sys/kernel/debug/kprobes/list /sys/kernel/debug/tracing/enabled_functions | wc -l
}

# resume: the load runs again when the command attaches its first probe
resume() {
	until [ "$(probes)" -gt "$1" ]; do sleep 0.1; done
	# shellcheck disable=SC2086 # process ids
	kill -CONT $loads
}

# watched: once, with the load
watched() {
	# shellcheck disable=SC2086
	kill -STOP $loads
	resume "$(probes)" &
	watcher=$!
	once
	status=$?
	# doctor and audit may attach nothing
	kill $watcher 2> /dev/null && unmet=$((unmet + 1))
	# shellcheck disable=SC2086
	kill -CONT $loads
	return $status
}

# killed OPTION...: SIGKILL while the probes are attached
killed() {
	before=$(attached)
	$OVL run -q "$@" -d 1000 &
	pid=$!
	until [ "$(attached)" -gt "$before" ]; do
		readlink "/proc/$pid/exe" > /dev/null || return 2
		sleep 0.1
	done
	sleep 1
	kill -KILL $pid
	wait $pid
	until [ "$(attached)" = "$before" ]; do sleep 0.1; done
	return 0
}

# once: one run of the command
once() {
	case $name in
	doctor) $OVL doctor ;;
	proof) $OVL doctor --proof ;;
	idle | run) $OVL run -q -d 0.5 ;;
	merged) $OVL run -q -d 0.5 --merged ;;
	hits) $OVL run -q -d 0.5 --hits ;;
	stacks) $OVL run -q -d 0.5 --stacks -o /tmp/stacks.jsonl ;;
	widen) $OVL run -q -d 0.5 --widen 500 ;;
	kprobe) $OVL run -q -d 0.5 --without call-site --allow-partial --costly ;;
	untyped) $OVL run -q -d 0.5 --without trampoline --merged --hits ;;
	killed) killed --merged --hits ;;
	check) $OVL check -d 3 ;;
	provoke) $OVL check -d 3 --provoke ;;
	top) $OVL top --once -i 0.5 ;;
	audit) $OVL audit ;;
	esac
}

loads=
case $name in
idle | check | provoke) ;;
*)
	start impure race --readers 2 --renamers 1
	start merged merged
	sleep 2
	;;
esac
if ! grep -q 'debug_locks: *1' $STATS || [ "$(complaints)" != 0 ]; then
	not_ok "locks: $name: the kernel complained before any test"
	exit
fi
if [ "$name" = fault ]; then
	/lab/lock-fault || not_ok "locks: the fault cannot be planted"
	if grep -q 'debug_locks: *0' $STATS && [ "$(complaints)" -gt 0 ]; then
		ok "locks: a planted fault is noticed"
	else
		not_ok "locks: a planted fault is not noticed"
	fi
	exit
fi
n=0 failed=0 unmet=0
while [ $n -lt "$runs" ]; do
	n=$((n + 1))
	echo "# $name $n" > /dev/kmsg
	if [ -n "$loads" ]; then
		watched > /tmp/last 2>&1
	else
		once > /tmp/last 2>&1
	fi
	status=$?
	# 0: fine, 1: a finding, 3: not all was seen
	case $status in
	0 | 1 | 3) ;;
	*) failed=$((failed + 1)) && echo "# run $n: status $status: $(tail -n 1 /tmp/last)" ;;
	esac
done
# shellcheck disable=SC2086 # process ids
[ -z "$loads" ] || kill $loads
wait
is "locks: $name: runs that failed" 0 $failed
case $name in
doctor | audit | idle | check | provoke) ;;
*) is "locks: $name: runs that the load did not meet" 0 $unmet ;;
esac
if grep -q 'debug_locks: *1' $STATS && [ "$(complaints)" = 0 ]; then
	ok "locks: $name: $n runs, no complaint"
else
	not_ok "locks: $name: debug_locks $(sed -n 's/.*debug_locks: *//p' $STATS), $(complaints) complaints"
fi
