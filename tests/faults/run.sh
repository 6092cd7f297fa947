#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: tests/faults/run.sh BUILD_DIR
# `report -o FILE` with each of its system calls for the output failing, one at a time, by strace's
# fault injection. Either the report is as it would be, with the same exit status, or the exit status
# is 2, one line says why, and the older report is untouched. No temporary file may remain. The
# last line is "N passed, N failed, N skipped".
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
ovltrace=$(realpath "$1")/ovltrace
recording=$here/../golden/recording.jsonl
passed=0 failed=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# injected CALL ERROR WHEN FORMAT: runs it; false if that call was not reached
injected() {
	rm -rf "$tmp/out"
	mkdir "$tmp/out"
	echo older > "$tmp/out/report"
	strace -f -qq -o "$tmp/trace" -e "trace=$1" -e "inject=$1:error=$2:when=$3" \
		"$ovltrace" report -f "$4" -o "$tmp/out/report" "$recording" > /dev/null 2> "$tmp/err"
	status=$?
	grep -q INJECTED "$tmp/trace"
}

# judged: is the outcome one of the two that are right?
judged() {
	[ "$(ls "$tmp/out")" = report ] || return 1
	if [ $status = 1 ]; then
		cmp -s "$tmp/out/report" "$tmp/want"
	else
		[ $status = 2 ] && [ -s "$tmp/err" ] && [ "$(cat "$tmp/out/report")" = older ]
	fi
}

for format in text json html perfetto openmetrics; do
	"$ovltrace" report -f $format -o "$tmp/want" "$recording" > /dev/null 2>&1
	n=0 wrong=""
	for fault in write:ENOSPC write:EIO write:EINTR write:EPIPE fsync:EIO fsync:ENOSPC renameat:EIO \
		renameat:ENOSPC fchmod:EPERM; do
		when=1
		while injected "${fault%:*}" "${fault#*:}" $when $format; do
			judged || wrong="$wrong ${fault}($when):$status"
			n=$((n + 1)) when=$((when + 1))
			# each page of a large output is like the one before
			[ $when -le 12 ] || break
		done
	done
	if [ $n -gt 5 ] && [ ! "$wrong" ]; then
		echo "ok faults: $format: $n calls failed, no report was lost"
		passed=$((passed + 1))
	else
		echo "not ok faults: $format: of $n:$wrong"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
