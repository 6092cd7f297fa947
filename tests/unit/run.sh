#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: tests/unit/run.sh BUILD_DIR/unit [TEXT]
# Runs the unit test programs that `make unit-programs` has built, with TEXT only
# those that have it in room/name. Prints TAP; a program without a plan, or with
# another number of results, ended early. PROGRAM.check, where there is one, is an
# independent reader of what PROGRAM --write writes.
# The last line is "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2

build=$(realpath "${1:?usage: $0 BUILD_DIR/unit [TEXT]}") || exit 2
text=${2:-}
jobs=${JOBS:-$(nproc)}

# one NAME: its output goes to NAME.tap
one() {
	local program=$build/$1 check=tests/unit/$1.check tap=$build/$1.tap status=0 ended plan
	"$program" > "$tap" 2>&1 || status=$?
	ended=$(grep -cE '^(not )?ok ' "$tap")
	plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$tap")
	if [ "$plan" != "$ended" ]; then
		echo "not ok - ended early: status $status, $ended results, plan '$plan'"
	elif [ $status != 0 ] && ! grep -q '^not ok' "$tap"; then
		echo "not ok - exit status $status"
	fi >> "$tap"
	[ -f "$check" ] || return 0
	if ! command -v python3 > /dev/null; then
		echo "ok - another reader # SKIP no python3"
	elif "$program" --write | python3 "$check"; then
		echo "ok - another reader"
	else
		echo "not ok - another reader"
	fi >> "$tap" 2>&1
}
export -f one
export build

mapfile -t names < <(find tests/unit -mindepth 2 -name '*_test.c' | sed 's,tests/unit/,,; s,\.c$,,' |
	sort | grep -F -- "$text")
if [ ${#names[@]} = 0 ]; then
	echo "not ok - no test has '$text' in its name"
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi
printf '%s\n' "${names[@]}" | xargs -P "$jobs" -I{} bash -c 'one {}'

for name in "${names[@]}"; do
	sed -E "s,^(ok|not ok)( [0-9]+)? - ,\\1 $name: ," "$build/$name.tap"
done | awk '
	/^1\.\.[0-9]+$/ { next }
	/^# [0-9]+ checks$/ { checks += $2; next }
	/^ok / { n++; sub(/^ok /, "ok " n " - "); if (/# SKIP/) skipped++; else passed++ }
	/^not ok / { n++; sub(/^not ok /, "not ok " n " - "); failed++ }
	{ print }
	END {
		printf "# %d checks\n1..%d\n", checks, n
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit failed > 0 || !passed
	}'
