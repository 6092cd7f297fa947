#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-locks.sh commands|fault
# On a kernel with lockdep: no command makes it report what the untraced load does
# not. lockdep stops at its first report, so `debug_locks` is asked after each step.
# With `fault` a fault is planted, and must be noticed in the same way.
. /lab/guest-lib.sh

STATS=/proc/lockdep_stats
LOAD="/lab/workload --make /mnt/w --mode race --readers 2 --renamers 1 --duration 1"
MERGED="/lab/workload --make /mnt/w --mode merged --duration 1"

# complaints: how many lines of the kernel's log are one
complaints() {
	dmesg | grep -c -E 'WARNING: |BUG: |KASAN|inconsistent lock state|possible .* (deadlock|locking)|suspicious RCU'
}

# quiet STEP: the kernel did not complain, and lockdep still watches
quiet() {
	now=$(complaints)
	if grep -q 'debug_locks: *1' $STATS && [ "$now" = "$before" ]; then
		ok "locks: $1"
	else
		not_ok "locks: $1: debug_locks $(sed -n 's/.*debug_locks: *//p' $STATS)," \
			"$((now - before)) complaints"
	fi
	before=$now
}

# step NAME COMMAND...: its exit status is not judged here
step() {
	name=$1
	shift
	echo "# $name" > /dev/kmsg
	"$@" > /out/last 2>&1 || echo "# status $?: $(tail -n 1 /out/last)"
	quiet "$name"
}

killed() {
	# shellcheck disable=SC2086 # words
	$OVL run -q "$@" -- $LOAD &
	sleep 6
	kill -KILL $!
	wait
	sleep 2
}

# attached and detached while a load runs
changing() {
	/lab/workload --make /mnt/w --mode race --readers 2 --renamers 1 --duration 40 &
	for _ in 1 2; do
		$OVL run -q -d 1
		$OVL run -q -d 1 --merged --hits
	done
	kill $!
	wait
}

# a mount that a load is using
audited() {
	# shellcheck disable=SC2086 # words
	$LOAD &
	until [ -d /mnt/w/merged ]; do sleep 1; done
	$OVL audit /mnt/w/merged
	wait
}

before=$(complaints)
grep -q 'debug_locks: *1' $STATS || not_ok "locks: lockdep does not watch before any test"
step "untraced load" $LOAD
step "untraced merged load" $MERGED
if [ "$1" = fault ]; then
	/lab/lock-fault || not_ok "locks: the fault cannot be planted"
	if grep -q 'debug_locks: *0' $STATS && [ "$(complaints)" -gt "$before" ]; then
		ok "locks: a planted fault is noticed"
	else
		not_ok "locks: a planted fault is not noticed"
	fi
	exit
fi
step "doctor" $OVL doctor
step "doctor --proof" $OVL doctor --proof
step "run, idle" $OVL run -q -d 1 --proof
step "run" $OVL run -q -- $LOAD
step "run --merged" $OVL run -q --merged -- $MERGED
step "run --merged on impure directories" $OVL run -q --merged -- $LOAD
step "run --hits" $OVL run -q --hits -- $LOAD
step "run --widen" $OVL run -q --widen 500 -- $LOAD
step "run --without call-site" $OVL run -q --without call-site --allow-partial --costly -- $LOAD
step "run --without trampoline" $OVL run -q --without trampoline --merged --hits -- $LOAD
step "attach and detach under load" changing
step "run, killed" killed
step "run --merged --hits, killed" killed --merged --hits
step "check" $OVL check -d 15
step "check --provoke" $OVL check -d 15 --provoke
step "top" $OVL top -d 3 -i 1
step "audit" audited
