#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-forms.sh SECONDS MODULE...
# Other forms of the change, one after the other; the modules are /lab/MODULE.ko. Counts must be
# the truth, and the exit status must follow from it.
. /lab/guest-lib.sh

seconds=$1
shift
all=$PAIRS

# trace FILE WORKLOAD-OPTION...: sets status
trace() {
	file=$1
	shift
	truth_mark
	$OVL run -q -o "$file" -- /lab/workload --make /mnt/w "$@" > /dev/null
	status=$?
}

# An interrupt of a kprobe's handler hides the free of a cache by RCU. The trace must know.
hidden() {
	case $name in
	rcu*) [ "$(summary "$file" lost)" != 0 ] ;;
	*) false ;;
	esac
}

# run LABEL WORKLOAD-OPTION...
run() {
	label=$1 file=/out/$name-$1.jsonl
	shift
	trace "$file" "$@"
	for again in 2 3; do
		hidden || break
		is "$name $label: not clean, as frees were hidden" no \
			"$([ "$(verdict "$file")" = clean ] && echo yes || echo no)"
		trace "/out/$name-$label-$again.jsonl" "$@"
	done
	exact "$name $label: counts are the truth" "$file"
	is "$name $label: exit status" "$(status_of_truth)" $status
	case $name in
	shared*)
		is "$name $label: no windows where readers share the lock" "null null" \
			"$(summary "$file" windows) $(summary "$file" mods)"
		;;
	esac
}

# schedule TEXT: sets status
schedule() {
	$OVL check --schedule "$1" > /tmp/check
	status=$?
}

# field NAME: of the object `schedules`
field() {
	tr -d '\n' < /tmp/check | sed -nE 's/.*"schedules": ?\{(.*)/\1/p' |
		sed -nE 's/^[^[]*"'"$1"'": ?([^",}]*),.*/\1/p'
}

# failing RESULT: how many schedules
failing() {
	tr -d '\n' < /tmp/check | sed -nE 's/.*"result": ?"'"$1"'", ?"count": ?([0-9]+).*/\1/p'
}

for name in "$@"; do
	rmmod overlay && insmod "/lab/$name.ko" || not_ok "$name: cannot be loaded"
	PAIRS=$all
	case $name in
	shared*) PAIRS=$(echo "$all" | sed 's/windows:windows//; s/ mods:mods//') ;;
	esac
	echo 300 > $T/truth_widen_us
	run race --mode race --readers 3 --renamers 2 --duration "$seconds"
	run empty --mode empty --duration "$seconds"
	echo 0 > $T/truth_widen_us
	run cold --mode read --cold --readers 4 --rounds 23
	# what check says of forms that its schedules or histories once took for others
	case $name in
	raced-get)
		# a raced lookup would begin another window
		echo 0 > /sys/module/overlay/parameters/raced_every
		schedule 'unlink y; R1<; rename-in a; R1>'
		is "$name: the stale impure clear of a schedule" "1 1" \
			"$status $(grep -c '^not ok 4 stale_impure_clear$' /tmp/check)"
		schedule 'R1<; rename-in a; R1>'
		is "$name: a schedule that passes" "0 1" \
			"$status $(grep -c '^ok 1 coverage$' /tmp/check)"
		;;
	shared-racy)
		# with two processors one reader at a time is held; the numbers are the model's
		$OVL check --explore --config schedules --depth 2 --format json > /tmp/check
		is "$name: defects of the smallest schedules" "1 true" "$? $(field held_by_program)"
		is "$name: all that need one reader at a time" "1 18" \
			"$(field held) $(field schedules)"
		is "$name: stale stores, unfreed caches, wrong listings" "4 1 2" \
			"$(failing stale_store) $(failing unfreed_cache) $(failing d_ino)"
		;;
	shared)
		$OVL check --explore --config impure --depth 1 > /tmp/check
		is "$name: references of impure caches are right" 1 "$(grep -c '^ok 8 d_ino$' /tmp/check)"
		is "$name: such caches were read" yes "$(grep -q '^# [1-9][0-9]* caches were read' /tmp/check && echo yes)"
		;;
	esac
done
