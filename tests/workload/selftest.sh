#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Tests of the workload generator: a generator that does something else than it
# says makes every test that uses it worthless.
#
#   selftest.sh BUILD_DIR        with BUILD_DIR/workload; as root, also in a busybox guest
set -u

if [ $# -ne 1 ] || [ ! -x "$1/workload" ]; then
	echo "usage: selftest.sh BUILD_DIR (which holds workload)" >&2
	exit 2
fi
WORKLOAD=$(cd "$1" && pwd)/workload
TMP=$(mktemp -d "${TMPDIR:-/tmp}/workload-selftest.XXXXXX")
PASSED=0 FAILED=0 SKIPPED=0
trap 'rm -rf "$TMP"' EXIT

# check WHAT COMMAND…: ok if the command says so.
check() {
	what=$1
	shift
	if "$@"; then
		PASSED=$((PASSED + 1))
		echo "ok $what"
	else
		FAILED=$((FAILED + 1))
		echo "not ok $what"
		head -n 5 "$TMP/out" "$TMP/err" 2>/dev/null | sed 's/^/  | /'
	fi
}

skip() {
	SKIPPED=$((SKIPPED + 1))
	echo "skip $1: $2"
}

# workload ARGUMENT…: into $TMP/out, $TMP/err and $status
workload() {
	status=0
	"$WORKLOAD" "$@" >"$TMP/out" 2>"$TMP/err" || status=$?
}

# count NAME: its value in the JSON object on the last line
count() {
	tail -n 1 "$TMP/out" | sed -n "s/.*\"$1\":\\([0-9]*\\)[,}].*/\\1/p"
}

counts() {
	for pair; do
		[ "$(count "${pair%=*}")" = "${pair#*=}" ] || return 1
	done
}

# ---- wrong usage -------------------------------------------------------------

one_line_status_2() {
	workload "$@"
	[ "$status" -eq 2 ] && [ ! -s "$TMP/out" ] && [ "$(wc -l <"$TMP/err")" -eq 1 ] &&
		grep -q "^workload: .* *'.*': ." "$TMP/err"
}

# refused WHAT ARGUMENT…
refused() {
	what=$1
	shift
	check "refused: $what" one_line_status_2 "$@"
}

test_usage() {
	make=$TMP/never
	refused "an unknown option" --make "$make" --frobnicate
	refused "a word that is no option" --make "$make" race
	refused "a missing value" --make
	refused "an empty value" --make ''
	refused "a value for a flag" --make "$make" --json=yes
	refused "a number that is none" --make "$make" --dirs 0x10
	refused "a negative number" --make "$make" --seed -1
	refused "a number that is too great" --make "$make" --readers 99999999999999999999
	refused "zero directories" --make "$make" --dirs=0
	refused "a duration that is none" --make "$make" --duration 1e3
	refused "a duration of nothing" --make "$make" --duration 0
	refused "an unknown mode" --make "$make" --mode rush
	refused "no place" --mode race
	refused "two places" --make "$make" --mount "$TMP"
	refused "a place that overlayfs can't name" --make "$TMP/a:b"
	refused "a mount that is no overlay" --mount /proc
	refused "a prefix with a slash" --make "$make" --prefix a/b
	refused "--ops for a race" --make "$make" --ops 5
	refused "--rounds for a race" --make "$make" --rounds 5
	refused "--rounds and --duration" --make "$make" --mode alternate --rounds 5 --duration 1
	refused "--cold for a race" --make "$make" --cold
	refused "renamers where there are none" --make "$make" --mode read --renamers 1
	refused "several threads for one" --make "$make" --mode cached --readers 2
	refused "no threads" --make "$make" --readers 0 --renamers 0
	refused "too few entries" --make "$make" --entries 1
	refused "too many files" --make "$make" --dirs 100000 --entries 1000
	refused "--lower without --mount" --make "$make" --lower "$TMP"
	refused "a name that would spoil the terminal" "$(printf -- '--\033[31m\n')"
	check "nothing was made" test ! -e "$make"
}

help_names_all() {
	workload --help
	[ "$status" -eq 0 ] || return 1
	for word in race read alternate empty many names cached rebuild files --make --seed; do
		grep -q "^  $word " "$TMP/out" || return 1
	done
}

# ---- names -------------------------------------------------------------------

names_are_repeatable() {
	"$WORKLOAD" --mode names --seed 5 --print-names >"$TMP/a"
	"$WORKLOAD" --mode names --seed 5 --print-names >"$TMP/b"
	"$WORKLOAD" --mode names --seed 6 --print-names >"$TMP/c"
	cmp -s "$TMP/a" "$TMP/b" && ! cmp -s "$TMP/a" "$TMP/c"
}

# Unique in their directory, at most 255 bytes, one of them of 255; threads 15.
names_are_possible() {
	awk '
		$1 != "comm" && (seen[$1, NF == 4 ? $2 : "", $NF]++ || length($NF) > 510) { bad = 1 }
		length($NF) == 510 { longest = 1 }
		$1 == "comm" && length($NF) > 30 { bad = 1 }
		$1 == "comm" && length($NF) == 30 { full = 1 }
		END { exit bad || !longest || !full }' "$TMP/a"
}

# ---- runs --------------------------------------------------------------------

run_json() {
	workload --make "$TMP/m" --json "$@"
}

nothing_left() {
	[ ! -e "$TMP/m" ] && ! grep -q " $TMP/m" /proc/self/mounts
}

alternate_is_exact() {
	run_json --mode alternate --rounds "$1" --dirs "$2"
	[ "$status" -eq 0 ] && counts rounds="$1" listings="$1" renames="$1" ops="$1" errors=0
}

cold_is_exact() {
	run_json --mode read --cold --rounds 29 --readers 4
	[ "$status" -eq 0 ] && counts rounds=29 listings=116 renames=29 errors=0
}

ops_are_exact() {
	run_json --mode "$1" --ops 101
	[ "$status" -eq 0 ] && counts ops=101 listings="$2" renames="$3" errors=0 &&
		[ "$(count elapsed_ns)" -gt 0 ]
}

# Where listings may be wrong by intention, only the names must be right.
mode_verifies() {
	run_json --mode "$@" --duration 0.3 --verify
	[ "$status" -eq 0 ] && counts errors=0 missing=0 phantoms=0 && [ "$(count ops)" -gt 0 ] &&
		{ [ -e /sys/module/overlay/parameters/truth_windows ] || counts d_ino_mismatches=0; }
}

seed_decides() {
	run_json --mode alternate --rounds 1009 --seed 7
	cp "$TMP/out" "$TMP/seed7"
	a=$(count entries_seen)
	run_json --mode alternate --rounds 1009 --seed 7
	[ "$a" = "$(count entries_seen)" ] || return 1
	run_json --mode alternate --rounds 1009 --seed 8
	[ "$a" != "$(count entries_seen)" ]
}

test_runs() {
	check "alternate: 23 rounds" alternate_is_exact 23 1
	check "alternate: 101 rounds in 7 directories" alternate_is_exact 101 7
	check "read --cold: 29 rounds, 4 readers" cold_is_exact
	check "cached: 101 operations" ops_are_exact cached 101 0
	check "rebuild: 101 operations" ops_are_exact rebuild 101 101
	check "files: 101 operations" ops_are_exact files 0 0
	check "the seed decides" seed_decides
	for mode in race read empty many names cached rebuild merged merged-list files alternate; do
		check "$mode: what is listed is there" mode_verifies "$mode"
	done
	check "a small buffer: what is listed is there" mode_verifies race --buffer 512
	check "many threads: what is listed is there" mode_verifies race --readers 8 --renamers 5
	check "nothing is left behind" nothing_left
}

# ---- in a mount namespace of the test ----------------------------------------

# The names that are there, in hexadecimal and sorted, against those that were printed.
names_round_trip() {
	"$WORKLOAD" --make "$TMP/m" --no-unshare --keep --mode names --renamers 0 --duration 0.1 \
		>"$TMP/out" 2>"$TMP/err" || return 1
	(cd "$TMP/m/merged" && find . -type f -print0) | od -An -v -tx1 | tr '\n' ' ' |
		sed 's/  */ /g; s/ 00/\n/g' | sed 's/ //g; s/^2e2f//' | grep . | sort >"$TMP/seen"
	"$WORKLOAD" --mode names --renamers 0 --print-names | awk '
		$1 == "directory" { dir[$2] = $3 }
		$1 == "file" { print dir[$2] "2f" $4 }' | sort >"$TMP/wanted"
	umount "$TMP/m/merged" && umount "$TMP/m" && rmdir "$TMP/m" &&
		[ "$(wc -l <"$TMP/wanted")" -eq 1280 ] && cmp "$TMP/seen" "$TMP/wanted" >"$TMP/err"
}

# Twice, since whiteouts of the first time would hide the files of the second.
mount_stays_clean() {
	for _ in 1 2; do
		workload --mount "$TMP/o/merged" --mode race --duration 0.2 --json --verify
		[ "$status" -eq 0 ] && counts missing=0 phantoms=0 || return 1
	done
	[ -z "$(find "$TMP/o/merged" "$TMP/o/lower" "$TMP/o/upper" -mindepth 1)" ]
}

two_at_once() {
	"$WORKLOAD" --mount "$TMP/o/merged" --prefix x- --duration 0.5 --json --verify >"$TMP/x" 2>&1 &
	workload --mount "$TMP/o/merged" --prefix y- --duration 0.5 --json --verify
	wait $! && [ "$status" -eq 0 ] && counts errors=0 missing=0 phantoms=0
}

others_are_spared() {
	mkdir "$TMP/o/merged/D0" && : >"$TMP/o/merged/D0/f0"
	workload --mount "$TMP/o/merged" --duration 0.1
	[ "$status" -eq 4 ] && [ -e "$TMP/o/merged/D0/f0" ] && rm -r "$TMP/o/merged/D0"
}

not_impure_is_status_3() {
	workload --mount "$TMP/o/merged" --upper "$TMP/o/work" --duration 0.1
	[ "$status" -eq 3 ] && grep -q "^workload: directory is not impure '" "$TMP/err"
}

no_unshare_cleans_up() {
	run_json --no-unshare --mode alternate
	[ "$status" -eq 0 ] && nothing_left
}

in_namespace() {
	mkdir "$TMP/o" && mount -t tmpfs tmpfs "$TMP/o" &&
		mkdir "$TMP/o/lower" "$TMP/o/upper" "$TMP/o/work" "$TMP/o/merged" &&
		mount -t overlay overlay "$TMP/o/merged" -o \
			"lowerdir=$TMP/o/lower,upperdir=$TMP/o/upper,workdir=$TMP/o/work"
	check "names come back byte for byte" names_round_trip
	check "--mount leaves nothing behind" mount_stays_clean
	check "two at once on one mount" two_at_once
	check "directories of others are spared" others_are_spared
	check "no impure directory is status 3" not_impure_is_status_3
	check "--no-unshare cleans up" no_unshare_cleans_up
	umount "$TMP/o/merged" && umount "$TMP/o"
}

# ---- signals, phases, threads ------------------------------------------------

wait_until() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		"$@" && return 0
		sleep 1
	done
	return 1
}

start() {
	"$WORKLOAD" --make "$TMP/m" --json --wait-file "$TMP/go" "$@" >"$TMP/out" 2>"$TMP/err" &
	pid=$!
	wait_until test -e "$TMP/go.ready"
}

# ended_by_signal SIGNAL STATUS ARGUMENT…
ended_by_signal() {
	signal=$1 wanted=$2
	shift 2
	start "$@" || return 1
	: >"$TMP/go"
	sleep 1
	kill -"$signal" "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq "$wanted" ] && grep -q '"interrupted":true' "$TMP/out" && nothing_left
}

phases_wait() {
	start --mode cached --ops 11 --phases 2 && [ ! -s "$TMP/out" ] || return 1
	sleep 1
	: >"$TMP/go"
	wait_until grep -q '"phase":1,' "$TMP/out" && wait_until test -e "$TMP/go.ready" || return 1
	: >"$TMP/go"
	wait "$pid" && [ "$(wc -l <"$TMP/out")" -eq 2 ] && counts phase=2 ops=11 &&
		[ "$(count elapsed_ns)" -lt 900000000 ] && [ ! -e "$TMP/go" ] && [ ! -e "$TMP/go.ready" ]
}

comms_are_hostile() {
	start --mode names --duration 60 || return 1
	: >"$TMP/go"
	sleep 1
	for comm in /proc/"$pid"/task/*/comm; do
		od -An -v -tx1 "$comm" | tr -d ' \n'
		echo
	done >"$TMP/comms"
	kill "$pid"
	wait "$pid"
	for role in reader renamer; do
		hex=$("$WORKLOAD" --mode names --print-names | awk -v r=$role \
			'$1 == "comm" && $2 == r && $3 == 1 { print $4 }')
		grep -q "^${hex}0a$" "$TMP/comms" || return 1
	done
}

test_processes() {
	check "SIGTERM ends a duration" ended_by_signal TERM 0 --mode race --duration 60
	check "SIGTERM ends cold rounds" ended_by_signal TERM 0 --mode read --cold --duration 60
	check "SIGTERM before the count is reached is status 1" \
		ended_by_signal TERM 1 --mode rebuild --ops 1000000000
	check "phases wait for their file" phases_wait
	check "threads have their names" comms_are_hostile
}

# ---- all ---------------------------------------------------------------------

# The second half runs in a mount namespace of its own and hands on its counts.
if [ -n "${WORKLOAD_SELFTEST_COUNTS:-}" ]; then
	in_namespace
	echo "$PASSED $FAILED" >"$WORKLOAD_SELFTEST_COUNTS"
	exit 0
fi

test_usage
check "--help names modes and options" help_names_all
check "names depend on the seed alone" names_are_repeatable
check "names are unique and fit" names_are_possible

workload --make "$TMP/m" --mode alternate
if [ "$status" -eq 4 ]; then
	skip "runs on an overlay" "$(cat "$TMP/err")"
else
	test_runs
	test_processes
	WORKLOAD_SELFTEST_COUNTS=$TMP/counts unshare -m sh "$0" "$1"
	if read -r passed failed 2>/dev/null <"$TMP/counts"; then
		PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed))
	else
		check "tests in a mount namespace" false
	fi
fi

echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
[ "$FAILED" -eq 0 ]
