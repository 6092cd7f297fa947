#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: tests/golden/run.sh BUILD_DIR [--refresh]
# Compares what `ovltrace report` makes of the recordings in this folder with
# the files in want/. --refresh writes these files, and shows what has changed:
# those of `check`, too, which tests/unit/check/forms_test.c makes and compares.
# The last line is "N passed, N failed, N skipped".
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "${1:?usage: $0 BUILD_DIR [--refresh]}")
ovltrace=$build/ovltrace
refresh=${2:-}
[ -z "$refresh" ] || [ "$refresh" = --refresh ] || { echo "$0: what is '$refresh'?" >&2; exit 2; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

# golden NAME: $tmp/got is what it is today
golden() {
	local want=$here/want/$1
	[ -f "$want" ] || { [ "$refresh" ] && : > "$want"; }
	if diff -u --label "want/$1" --label "today" "$want" "$tmp/got" > "$tmp/diff" 2>&1; then
		echo "ok golden: $1"
		passed=$((passed + 1))
	elif [ "$refresh" ]; then
		cat "$tmp/diff"
		cp "$tmp/got" "$want"
		echo "ok golden: $1 # refreshed"
		passed=$((passed + 1))
	else
		head -n 20 "$tmp/diff" | cut -c 1-300 | sed 's/^/# /'
		echo "# $(grep -c '^[-+]' "$tmp/diff") lines of difference; 'make golden' accepts them"
		echo "not ok golden: $1"
		failed=$((failed + 1))
	fi
}

# report NAME FORMAT: JSON is one long line, so that a line for each object shows a difference better
report() {
	# messages have the name of the file as it was given
	(cd "$here" && "$ovltrace" report --format "$2" "$1.jsonl") > "$tmp/out" 2> "$tmp/err"
	local status=$?
	{
		case $2 in
		json | perfetto) sed 's/},/},\n/g' "$tmp/out" ;;
		*) cat "$tmp/out" ;;
		esac
		sed 's/^/standard error: /' "$tmp/err"
		echo "exit status: $status"
	} > "$tmp/got"
	golden "$1.$2"
}

for format in text json html perfetto openmetrics; do
	report recording $format
	report damaged $format
done
for format in text json html; do
	report command $format
done
for format in text json; do
	report hostile $format
	report unreadable $format
done
# a full disk is an error
for args in --version --help "report --help" "doctor" "doctor --json"; do
	# shellcheck disable=SC2086 # words
	"$ovltrace" $args > /dev/full 2> "$tmp/err"
	if [ $? = 2 ] && grep -q 'standard output' "$tmp/err"; then
		echo "ok full disk: $args"
		passed=$((passed + 1))
	else
		echo "not ok full disk: $args"
		failed=$((failed + 1))
	fi
done
if [ "$refresh" ]; then
	for report in findings untraceable; do
		for format in ktap junit json; do
			"$build/unit/check/forms_test" --write "check_$report.$format" > "$tmp/got" || exit 1
			golden "check_$report.$format"
		done
	done
fi
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
