#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# usage: run.sh BUILD_DIR [NAME]...
# The tests that need a kernel. Without NAME all that `make test` runs.
set -euo pipefail

build=$(realpath "$1")
shift
here=$(dirname "$(realpath "$0")")
lab=$here/../lab
results=$build/results
mkdir -p "$results"
passed=0 failed=0 skipped=0

# Counts the check lines that come in, and shows them.
tally() {
	local line
	while IFS= read -r line; do
		printf '%s\n' "$line"
		case $line in
		"ok "*"# SKIP"*) skipped=$((skipped + 1)) ;;
		"ok "*) passed=$((passed + 1)) ;;
		"not ok "*) failed=$((failed + 1)) ;;
		esac
	done
}

# vm NAME OVERLAY COMMANDS [OPTION...]: one machine; its files go to results/NAME
vm() {
	local name=$1 overlay=$2 commands=$3 status=0
	shift 3
	rm -rf "${results:?}/$name"
	mkdir -p "$results/$name"
	"$lab/vm.sh" --overlay "$overlay" --put "$build/ovltrace-static" --put "$build/workload" \
		--put "$here/guest-lib.sh" --put "$here/guest-exact.sh" --put "$here/guest-ways.sh" \
		--get-dir "$results/$name" --keep-log "$results/$name/console.log" \
		--timeout 240 "$@" -- "$commands" > "$results/$name/output" || status=$?
	tally < "$results/$name/output"
	if [ $status = 0 ]; then
		echo "ok $name: the machine ended well, its kernel did not complain"
	else
		echo "not ok $name: status $status of the machine (124: its kernel complained," \
			"125: it was lost); console in $results/$name/console.log"
	fi > "$results/$name/end"
	tally < "$results/$name/end"
	records "$name"
}

# Every record that a test made is valid, and every finding is proved by others.
records() {
	local files=("$results/$1"/*.jsonl)
	[ -e "${files[0]}" ] || return 0
	if /usr/bin/python3 "$here/../schema/validate.py" "${files[@]}" > "$results/$1/records" 2>&1; then
		echo "ok $1: records of ${#files[@]} runs are valid and prove their findings"
	else
		head -n 5 "$results/$1/records"
		echo "not ok $1: records, see $results/$1/records"
	fi > "$results/$1/records-end"
	tally < "$results/$1/records-end"
}

test_racy() {
	vm racy racy 'sh /lab/guest-exact.sh racy 3 0 500'
}

# Ten seconds each, as a kernel developer would try it, and two tracers at once.
test_long() {
	vm long racy 'sh /lab/guest-ways.sh long'
}

test_fixes() {
	local v
	for v in stock fixed; do
		vm $v $v "sh /lab/guest-exact.sh $v 2 0 500"
	done
	for v in half-version half-free free-nonull swap-free retry noclear per-entry; do
		vm $v $v "sh /lab/guest-exact.sh $v 1 300"
	done
}

# Functions that are functions, and a module without types.
test_builds() {
	local v
	for v in racy-noinline fixed-noinline racy-outline stock-outline racy-nobtf; do
		vm $v $v "sh /lab/guest-exact.sh $v 1 300"
	done
}

test_ways() {
	vm ways racy 'sh /lab/guest-ways.sh ways'
}

# check NAME OVERLAY EXPECTED KERNEL...: runs `check` and reads its report strictly
check() {
	local name=$1 overlay=$2
	vm "check-$name" "$overlay" "sh /lab/guest-check.sh $name" --put "$here/guest-check.sh" "${@:3}"
	{
		for f in "$results/check-$name"/*.ktap; do
			/usr/bin/python3 "$here/../check/ktap.py" -q "$f" &&
				echo "ok check $name: $(basename "$f") is KTAP by the letter" ||
				echo "not ok check $name: $(basename "$f") is no KTAP"
		done
		/usr/bin/python3 "$here/../check/junit.py" "$results/check-$name"/*.xml &&
			echo "ok check $name: its JUnit XML is valid" || echo "not ok check $name: JUnit XML"
		/usr/bin/python3 -m json.tool < "$results/check-$name/report.json" > /dev/null &&
			echo "ok check $name: its JSON is valid" || echo "not ok check $name: JSON"
	} > "$results/check-$name/forms" 2>&1
	tally < "$results/check-$name/forms"
}

test_check() {
	local v
	for v in racy stock fixed posted; do
		check $v $v
	done
	check order debian --kernel 6.1
}

test_debian() {
	vm debian debian 'sh /lab/guest-ways.sh debian'
}

[ $# -gt 0 ] || set -- racy long fixes builds ways check debian
for name in "$@"; do
	"test_$name"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
