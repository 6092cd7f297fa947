#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: test.sh BUILD_DIR
# ovltrace report on complete, compressed, truncated, empty and missing files.
# The last line is "N passed, N failed, N skipped".
set -uo pipefail

build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
ovltrace=$build/ovltrace
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# shellcheck source=tests/checks.sh
. "$here/../checks.sh"

# replays NAME STATUS WORDS FILE: exit status, and the words are said
replays() {
	local status=0
	"$ovltrace" report "$4" > "$tmp/out" 2>&1 || status=$?
	if [ $status != "$2" ]; then
		not_ok "$1: status $status, not $2: $(tail -n 1 "$tmp/out")"
	elif ! grep -q -- "$3" "$tmp/out"; then
		not_ok "$1: '$3' is not said: $(tail -n 3 "$tmp/out")"
	else
		ok "$1"
	fi
}

"$here/generate.py" 1000 > "$tmp/clean"
"$here/generate.py" 1000 --stale > "$tmp/stale"
"$here/same.sh" "$ovltrace" "$tmp/clean" "$tmp/stale" > "$tmp/same"
is "generated recordings replay" "0" $?
replays "clean" 0 "verdict: clean" "$tmp/clean"
replays "findings" 1 "verdict: findings" "$tmp/stale"
gzip -k "$tmp/clean" "$tmp/stale"
replays "gzip" 1 "stale stores  *249$" "$tmp/stale.gz"
cat "$tmp/clean.gz" "$tmp/stale.gz" > "$tmp/both.gz"
replays "two hosts in one gzip" 1 "2 recordings: the worst verdict is findings" "$tmp/both.gz"
is "standard input" 0 "$("$ovltrace" report - < "$tmp/clean" > "$tmp/out"; echo $?)"
head -c 100000 "$tmp/clean" > "$tmp/cut"
replays "a cut file" 3 "last line is cut" "$tmp/cut"
head -n 500 "$tmp/clean" > "$tmp/short"
replays "no summary" 3 "the summary, is missing" "$tmp/short"
head -c 9000 "$tmp/clean.gz" > "$tmp/cut.gz"
replays "a cut gzip" 3 "gzip: it is cut" "$tmp/cut.gz"
sed 500d "$tmp/clean" > "$tmp/gap"
replays "a missing record" 3 "line 500: records are missing, 1 in all" "$tmp/gap"
: > "$tmp/empty"
replays "an empty file" 2 "it is empty" "$tmp/empty"
head -c 100000 /dev/urandom > "$tmp/noise"
replays "noise" 2 "no records of ovltrace" "$tmp/noise"
replays "no file" 2 "No such file" "$tmp/none"
replays "a directory" 2 "Is a directory" "$tmp"
is "three files" 2 "$("$ovltrace" report "$tmp/clean" "$tmp/clean" "$tmp/clean" > "$tmp/out" 2>&1; echo $?)"
is "an unknown format" 2 "$("$ovltrace" report --format pdf "$tmp/clean" > "$tmp/out" 2>&1; echo $?)"
is "a full disk" 2 "$("$ovltrace" report "$tmp/clean" > /dev/full 2> "$tmp/out"; echo $?)"

# a line that never ends, and memory
{ head -n 3 "$tmp/clean"; head -c 300M /dev/zero; echo; tail -n +4 "$tmp/clean"; } > "$tmp/endless"
replays "a line of 300 MB" 3 "longer than any record" "$tmp/endless"
"$here/generate.py" 300000 --stale --dirs 5000 > "$tmp/many"
for format in text json openmetrics perfetto html; do
	kib=$({ /usr/bin/time -f %M "$ovltrace" report --format $format "$tmp/many" > "$tmp/out"; } 2>&1 | tail -n 1)
	if [ "$kib" -lt 65536 ]; then
		ok "$format: 300,000 records in $kib KiB"
	else
		not_ok "$format: 300,000 records take $kib KiB"
	fi
done

for part in "$here"/format-*.sh "$here/outputs.sh"; do
	[ -e "$part" ] || continue
	# shellcheck source=/dev/null
	. "$part"
done

finish
