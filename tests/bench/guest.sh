#!/bin/sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the laboratory's guest. One line for each measured phase, and one for
# what a tracer that writes records wrote:
#   LOAD TRACER ROUND NANOSECONDS OPERATIONS
#   records TRACER ROUND WRITTEN REBUILDS
# usage: guest.sh ROUNDS TRACER... with OPS_cached, OPS_rebuild, OPS_files, OPS_merged set.
set -eu
: "${OPS_cached:?}" "${OPS_rebuild:?}" "${OPS_files:?}" "${OPS_merged:?}"

ROUNDS=$1
shift
LOADS="cached rebuild files merged"
HELD=/tmp/held RELEASE=/tmp/release
OPS_settle=50

fail() {
	echo "bench: $*" >&2
	for log in /tmp/*.log; do
		[ ! -s "$log" ] || sed "s|^|  $log: |" "$log" >&2
	done
	exit 1
}

# wait_for FILE [PID]: idle time costs nothing here, so a long limit is no loss.
wait_for() {
	local n=0
	while [ ! -e "$1" ]; do
		[ $# -lt 2 ] || [ -d "/proc/$2" ] || fail "the process that makes $1 ended"
		n=$((n + 1))
		[ $n -lt 3000 ] || fail "$1 did not appear"
		sleep 0.02
	done
}

# The loads are set up once and wait for their turns, each in its own directories.
start_loads() {
	local load ops mode phases=$1
	for load in $LOADS; do
		eval "ops=\$OPS_$load"
		mode=$load
		[ $load != merged ] || mode=merged-list
		workload --make "/tmp/w-$load" --mode "$mode" --ops "$ops" --phases "$phases" \
			--wait-file "/tmp/go-$load" --json >"/tmp/$load.out" 2>"/tmp/$load.log" &
	done
}

# one_phase LOAD TRACER ROUND
one_phase() {
	local load=$1 line n
	wait_for "/tmp/go-$load.ready"
	n=$(wc -l <"/tmp/$load.out")
	: >"/tmp/go-$load"
	while [ "$(wc -l <"/tmp/$load.out")" -eq "$n" ]; do
		[ ! -s "/tmp/$load.log" ] || fail "load $load"
		sleep 0.25
	done
	line=$(tail -n 1 "/tmp/$load.out")
	case $line in
	*'"errors":0,'*) ;;
	*) fail "load $load: $line" ;;
	esac
	echo "$load $2 $3 $(field elapsed_ns "$line") $(field ops "$line")"
}

field() {
	echo "$2" | sed 's/.*"'"$1"'":\([0-9]*\).*/\1/'
}

# A tracer runs for as long as this command of it waits in the pipe.
cat >/tmp/hold <<-END
	#!/bin/sh
	: >$HELD
	read -r word <$RELEASE
END
chmod +x /tmp/hold
mkfifo $RELEASE

start_tracer() {
	rm -f $HELD
	if [ "$1" = top ]; then
		start_top
		settle
		return
	fi
	case $1 in
	hits) ovltrace run --quiet --hits -- /tmp/hold ;;
	quiet) ovltrace run --quiet -- /tmp/hold ;;
	merged) ovltrace run --quiet --merged -- /tmp/hold ;;
	file) ovltrace run --quiet -o /tmp/trace -- /tmp/hold ;;
	bpftrace) bpftrace -o /tmp/trace -c "/bin/sh /tmp/hold" /lab/equivalent.bt ;;
	*) fail "tracer $1 is unknown" ;;
	esac >/tmp/tracer.log 2>&1 &
	TRACER=$!
	wait_for $HELD $TRACER
	settle
}

# It has no command: it is there when it has written its first block.
start_top() {
	ovltrace top -i 1 >/tmp/trace 2>/tmp/tracer.log &
	TRACER=$!
	until [ -s /tmp/trace ]; do
		[ -d "/proc/$TRACER" ] || fail "top ended"
		sleep 0.1
	done
}

settle() {
	# ovltrace detaches probes that rebuilds show to be superfluous: show it some
	workload --make /tmp/w-settle --mode rebuild --ops $OPS_settle >/dev/null 2>/tmp/settle.log ||
		fail "settling"
	workload --make /tmp/w-settle --mode merged-list --ops $OPS_settle >/dev/null 2>/tmp/settle.log ||
		fail "settling"
	sleep 1.5
}

stop_tracer() {
	local status=0
	if [ "$1" = top ]; then
		kill "$TRACER"
	else
		echo >$RELEASE
	fi
	wait "$TRACER" || status=$?
	# findings are status 1, and no fault of the bench
	[ $status -le 1 ] || fail "tracer $1: status $status"
	case $1 in
	file) records "$@" '^{"type":"rebuild"' ;;
	bpftrace) records "$@" ' store ' ;;
	esac
	rm -f /tmp/trace
}

# records TRACER ROUND PATTERN
records() {
	echo "records $1 $2 $(grep -c "$3" /tmp/trace) $((OPS_rebuild + OPS_settle))"
}

measure() {
	local load round=$1 tracer=$2
	for load in $LOADS; do
		one_phase "$load" "$tracer" "$round"
	done
}

start_loads $((ROUNDS * ($# + 1) + 2))
measure 0 warm-up
round=0
while [ $round -lt "$ROUNDS" ]; do
	round=$((round + 1))
	measure $round untraced
	for tracer in "$@"; do
		start_tracer "$tracer"
		measure $round "$tracer"
		stop_tracer "$tracer" $round
	done
done
measure $((ROUNDS + 1)) untraced
wait
