#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: [DEPTH=3] guest-schedules.sh VARIANT...
# `ovltrace check` runs all schedules of two readers and two modifications, or of three of
# them together, on each variant. Each number is that of docs/cache-model.md: the model
# computed it.
. /lab/guest-lib.sh

# what FIELD: of the object `schedules`
what() {
	tr -d '\n' < "/out/$v.json" | sed -nE 's/.*"schedules": ?\{(.*)/\1/p' |
		sed -nE 's/^[^[]*"'"$1"'": ?"?([^",}]*)"?,.*/\1/p'
}

# failing RESULT: how many schedules
failing() {
	n=$(tr -d '\n' < "/out/$v.json" |
		sed -nE 's/.*"result": ?"'"$1"'", ?"count": ?([0-9]+).*/\1/p')
	echo "${n:-0}"
}

# explore MODULE
explore() {
	rmmod overlay 2> /dev/null
	insmod "$1" || not_ok "schedules $v: cannot be loaded"
	$OVL check --explore --config schedules ${DEPTH:+--depth "$DEPTH"} \
		--format json -o "/out/$v.json" 2> "/out/$v.log"
	status=$?
}

# table FORM: exit status, schedules, and those with a stale store, an unfreed cache, a stale
# impure clear, a wrong listing; as in docs/cache-model.md
table() {
	case $1${DEPTH:+-$DEPTH} in
	racy) echo 1 1770 896 980 36 455 ;;
	half-version) echo 1 1795 0 980 39 39 ;;
	half-free) echo 1 1770 896 0 36 455 ;;
	fixed) echo 1 1795 0 0 39 39 ;;
	noclear) echo 0 1795 0 0 0 0 ;;
	retry) echo 0 3265 0 0 0 0 ;;
	racy-3) echo 1 305 111 44 3 58 ;;
	half-version-3) echo 1 305 0 44 3 3 ;;
	half-free-3) echo 1 305 111 0 3 58 ;;
	fixed-3) echo 1 305 0 0 3 3 ;;
	noclear-3) echo 0 305 0 0 0 0 ;;
	retry-3) echo 0 358 0 0 0 0 ;;
	esac
}

# row FORM
row() {
	form=$1
	# shellcheck disable=SC2046 # these are numbers
	set -- $(table "$form")
	is "schedules $v: exit status" "$1" $status
	is "schedules $v: run and realized" "$2 of $2" "$(what schedules) of $(what of)"
	is "schedules $v: traced" null "$(what untraced)"
	is "schedules $v: acts as the model says" "$form" "$(what forms)"
	is "schedules $v: stale stores" "$3" "$(failing stale_store)"
	is "schedules $v: unfreed caches" "$4" "$(failing unfreed_cache)"
	is "schedules $v: stale impure clears" "$5" "$(failing stale_impure_clear)"
	is "schedules $v: wrong listings" "$6" "$(failing d_ino)"
	[ "$5" = 0 ] || is "schedules $v: the shortest stale impure clear" yes \
		"$(grep -q 'unlink y; R1<; rename-in a; R1>' "/out/$v.json" && echo yes)"
}

# a kernel that has it as a module
[ ! -e /lab/fuse.ko ] || insmod /lab/fuse.ko
for v; do
	explore "/lab/$v.ko"
	case $v in
	racy | half-version | half-free | noclear | retry) row $v ;;
	fixed | free-nonull | swap-free) row fixed ;;
	stock)
		is "schedules $v: nothing to interleave" 4 $status
		is "schedules $v: no window" 0 "$(what windows)"
		is "schedules $v: none was run" "0 of 0" "$(what schedules) of $(what of)"
		;;
	esac
	grep -H . "/out/$v.log" | tail -n 2
done

[ -z "${DEPTH:-}" ] && [ -e /lab/racy.ko ] || exit 0

# one schedule, again, as KTAP
explore_one() {
	$OVL check --schedule "$1" -o "/out/one.ktap" 2> /dev/null
	echo $?
}
rmmod overlay
insmod /lab/racy.ko
is "schedules: one that fails" 1 "$(explore_one 'R1<; R2<; R1>; R2>')"
is "schedules: its timeline" 1 "$(grep -c '# R2>: reader 2 takes the lock again at version 0, and ends' /out/one.ktap)"
is "schedules: one that passes" 0 "$(explore_one 'R1<; R1>; R2; unlink y')"
# a fresh cache has no window: this order does not exist
is "schedules: one that is not realized" 3 "$(explore_one 'R1<; R1>; R2<; R2>')"
is "schedules: and is reported so" yes "$(grep -q 'not realized' /out/one.ktap && echo yes)"
# operations before it
$OVL check --history 'list; unlink y' --schedule 'R1<; rename-in a; R1>' -o /out/one.ktap 2> /dev/null
is "schedules: after a history" 1 $?
is "schedules: the clear after a history" yes \
	"$(grep -q "again: ovltrace check --schedule 'list; unlink y; R1<; rename-in a; R1>'" /out/one.ktap && echo yes)"
# a recording of it, which report judges the same
$OVL run -o /out/one.jsonl -- $OVL check --schedule 'R1<; R2<; R1>; R2>' > /dev/null 2> /out/run.log
is "schedules: a recording of one" "1 1" "$? $(summary /out/one.jsonl unfreed_caches)"
$OVL report /out/one.jsonl > /dev/null 2>&1
is "schedules: is judged the same" 1 $?
$OVL check --schedule 'R1<; R2<; R1>; R2>' --format junit -o /out/report.xml 2> /dev/null
$OVL check --schedule 'R1<; R2<; R1>; R2>' --format json -o /out/report.json 2> /dev/null
is "schedules: no mount is left" 0 "$(grep -c ovltrace-check /proc/self/mounts)"
