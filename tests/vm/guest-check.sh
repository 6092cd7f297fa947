#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest-check.sh racy|stock|fixed|posted|order|untouched|other
# `ovltrace check` on an overlayfs whose defects are known.
. /lab/guest-lib.sh

# An emulated machine may be slow: its start is no part of what is tested. With KASAN it is
# slower by far, and the check has to notice.
duration="-d 15"
! grep -q ' kasan_report$' /proc/kallsyms || duration=

# check NAME [OPTION]...: the report goes to /out/NAME.ktap
check() {
	name=$1
	shift
	# shellcheck disable=SC2086 # two words, or none
	$OVL check $duration -o "/out/$name.ktap" "$@"
	status=$?
}

# result NAME RESULT: ok, not ok, TODO or SKIP
result() {
	line=$(grep -E "^(ok|not ok) [0-9]+ $2( |\$)" "/out/$1.ktap")
	case $line in
	*"# SKIP"*) echo SKIP ;;
	"not ok"*"# TODO known defect of released kernels") echo TODO ;;
	"not ok"*) echo "not ok" ;;
	ok*) echo ok ;;
	*) echo missing ;;
	esac
}

# results NAME WANTED RESULT...
results() {
	of=$1 want=$2
	shift 2
	for r in "$@"; do
		is "check $of: $r" "$want" "$(result "$of" "$r")"
	done
}

# Nothing that the check mounted or started is there afterwards.
nothing_left() {
	# The report is there before the probes are detached: 25 seconds on PREEMPT_RT.
	n=0
	while [ $n -lt 60 ] && ps | grep -q '[o]vltrace-static'; do
		n=$((n + 1))
		sleep 1
	done
	is "check $1: no mount is left" 0 "$(grep -c ovltrace-check /proc/self/mounts)"
	is "check $1: no process is left" 0 "$(ps | grep -c '[o]vltrace-static\|[i]mpure-')"
}

# covered NAME SCENARIO: what `coverage` says of it
covered() {
	grep -m 1 -B 1 -E "^  ok [0-9]+ $2( |\$)" "/out/$1.ktap" | tr -d '\n'
}

# smallest NAME: the smallest scopes were run, at least to the point that decides
smallest() {
	case $(covered "$1" histories) in
	*" histories"*) ok "check $1: histories were run" ;;
	*) not_ok "check $1: no history was run: $(covered "$1" histories)" ;;
	esac
	n=$(covered "$1" schedules | sed -nE 's/^ *# ([0-9]+) .*schedules.*/\1/p')
	is "check $1: schedules were run" yes "$([ "${n:-0}" -ge 1 ] && echo yes)"
	is "check $1: they were realized" 0 "$(grep -c 'has not seen all windows' "/out/$1.ktap")"
}

forms() {
	$OVL check -d 5 --format junit -o /out/report.xml
	$OVL check -d 5 --format json -o /out/report.json
}

racy() {
	check racy
	is "check racy: exit status" 1 $status
	results racy "not ok" stale_store unfreed_cache
	results racy ok coverage bad_return lock_hazard lost
	smallest racy
	# those of one reader and one modification are among the first 19; a slow machine runs fewer
	[ "$n" -lt 19 ] || is "check racy: a schedule to run again" yes \
		"$(grep -q "again: ovltrace check --schedule 'R1<; " /out/racy.ktap && echo yes)"
	is "check racy: the story names both tasks" yes \
		"$(grep -q '# .*tid .*reader-' /out/racy.ktap && grep -q '# .*tid .*renamer' /out/racy.ktap && echo yes)"
	# one modification in 5 ms, and nothing else
	check sparse --scenario impure-sparse
	results sparse "not ok" stale_store unfreed_cache
	nothing_left racy
	$OVL check -o /out/killed.txt &
	pid=$!
	sleep 5
	kill -KILL $pid
	sleep 4
	nothing_left "after SIGKILL"
	rm -f /out/killed.txt
}

# A racy kernel of another configuration: each of the ten results is judged.
other() {
	check other
	is "check other: exit status" 1 $status
	results other "not ok" stale_store unfreed_cache
	results other ok coverage kind_mix bad_return lock_hazard lost
	for r in stale_impure_clear d_ino missed_invalidation; do
		case $(result other $r) in
		ok | "not ok" | TODO) ok "check other: $r is judged" ;;
		*) not_ok "check other: $r is not judged: $(result other $r)" ;;
		esac
	done
	nothing_left other
}

# sound NAME: only the defect of all released kernels is found
sound() {
	check "$1"
	is "check $1: exit status" 0 $status
	results "$1" ok coverage stale_store unfreed_cache stale_impure_clear kind_mix bad_return \
		lock_hazard d_ino lost
	results "$1" TODO missed_invalidation
	is "check $1: nothing to interleave" yes \
		"$(covered "$1" schedules | grep -q 'SKIP readers never drop the lock' && echo yes)"
	is "check $1: who made the link" yes \
		"$(grep -q "# .*(linker) changed 'k' (link)" "/out/$1.ktap" && echo yes)"
}

# Overlayfs as clang's ThinLTO makes it.
untouched() {
	sound untouched
	nothing_left untouched
}

stock() {
	sound stock
	check strict --strict --scenario hard-link
	is "check strict: exit status" 1 $status
	results strict "not ok" missed_invalidation
	rmmod overlay && insmod /lab/link-version.ko || not_ok "link-version: cannot be loaded"
	check link-version --strict
	is "check link-version: exit status" 0 $status
	results link-version ok missed_invalidation coverage d_ino
	rmmod overlay && insmod /lab/stock.ko || not_ok "stock: cannot be loaded"
}

fixed() {
	truth_mark
	check fixed
	results fixed ok coverage stale_store unfreed_cache kind_mix bad_return lock_hazard d_ino lost
	smallest fixed
	if [ "$(truth_since stale_clears)" = 0 ]; then
		results fixed ok stale_impure_clear
	else
		results fixed "not ok" stale_impure_clear
	fi
}

# It would hang, and the code says so: nothing is run that would.
posted() {
	check posted
	is "check posted: exit status" 1 $status
	results posted "not ok" lock_hazard stale_store
	nothing_left posted
	# a task that hangs forever is reported, and does not keep our output open
	$OVL check -d 5 --provoke --scenario merged 2>&1 | grep -v "^ovltrace: " > /out/hang.ktap
	results hang "not ok" lock_hazard coverage
}

# Debian's 6.1 publishes a directory before its flag is set.
order() {
	check order
	is "check order: exit status" 1 $status
	results order "not ok" kind_mix
	results order ok coverage stale_store unfreed_cache stale_impure_clear bad_return lock_hazard \
		d_ino lost
	# whose tasks are the check's goes by descent: its own pid namespace has other numbers
	unshare -pf $OVL check -d 5 --scenario copy-up -o /out/pidns.ktap
	results pidns "not ok" kind_mix
	is "check order: the defect is named" yes "$(grep -q cbec8610ec5a /out/order.ktap && echo yes)"
}

"$1"
forms
exit 0 # what was wrong has been said
